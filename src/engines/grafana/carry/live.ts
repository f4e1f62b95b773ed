import { FiredrillError } from '../../../kit/errors.ts';
import { plainLine } from '../../../kit/text.ts';
import type { Secret } from '../../../model/secret.ts';
import type { Source } from '../../engine.ts';
import { type Answer, askLive, type LiveDoor } from '../client.ts';
import { isObject, type JsonObject } from '../database/json-content.ts';
import type { GrafanaSettings } from '../settings.ts';

export interface Organisation {
  id: number;
  name: string;
}

/** The HTTP API of a Grafana that goes on running, as the configured token may use it. */
export class LiveGrafana {
  readonly #target: Source<GrafanaSettings>;
  readonly #door: LiveDoor;
  readonly #token: Secret;

  /** CONFIG_INVALID where no token is configured. */
  constructor(target: Source<GrafanaSettings>, signal: AbortSignal) {
    const { host, settings, service } = target;
    const { apiToken, port, scheme } = settings;
    if (!apiToken) {
      const sentence = `${service}: no apiToken is configured for ${host.label}: dashboards are put into a running Grafana`;
      throw new FiredrillError('CONFIG_INVALID', sentence, { hint: `Name one under settings: ${editorHint}` });
    }
    this.#target = target;
    this.#token = apiToken;
    this.#door = { connect: () => host.connect({ port }), scheme, signal };
  }

  /** SOURCE_UNREACHABLE where there is no answer; SOURCE_DENIED where the token may not. */
  async ask(path: string, posted?: JsonObject): Promise<Answer> {
    const answer = await askLive(this.#door, path, this.#token, posted);
    if (answer.status !== 401 && answer.status !== 403) return answer;
    const { host, service } = this.#target;
    const what = posted ? 'may not write' : 'is not taken';
    const sentence = `${service}: the apiToken ${what} at ${host.label}: ${describe(answer)}`;
    throw new FiredrillError('SOURCE_DENIED', sentence, { hint: `Name another one: ${editorHint}` });
  }

  /** A token belongs to one organisation. */
  async organisation(): Promise<Organisation> {
    const answer = await this.ask('/api/org');
    if (answer.status === 200 && isObject(answer.body)) {
      return { id: Number(answer.body.id), name: String(answer.body.name) };
    }
    const sentence = `Grafana at ${this.#target.host.label} does not tell its organisation: ${describe(answer)}`;
    throw new FiredrillError('SOURCE_UNREACHABLE', sentence);
  }
}

const editorHint = 'an API key (a service account token from 9 on) of an Editor, under targets in the configuration.';

/** `412 name-exists A dashboard with the same name …`. */
export function describe({ status, body }: Answer): string {
  const { status: word, message } = isObject(body) ? body : {};
  const words = [word, message].filter((each) => typeof each === 'string').join(' ');
  return plainLine(`${status} ${words}`.trim(), 200);
}
