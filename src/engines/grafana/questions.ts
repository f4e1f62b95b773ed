import { z } from 'zod';
import { FiredrillError } from '../../kit/errors.ts';
import { jsonPointerPattern, partAt } from '../../kit/json-pointer.ts';
import { plainLine } from '../../kit/text.ts';
import type { Answer, Scalar } from '../../model/own-check.ts';
import { judgedQuestion, type Questions } from '../questions.ts';
import { type Answer as ApiAnswer, GrafanaClient } from './client.ts';
import { isObject } from './database/json-content.ts';
import type { GrafanaSettings } from './settings.ts';

const keys = {
  http: z
    .string()
    .refine(
      isReadingPath,
      'a path below /api/ that only reads: neither that of a proxy, nor one that deletes by being asked',
    )
    .describe(
      'a path of its API, such as /api/search?query=nginx, asked by GET as its admin; anything but 200 is no answer',
    ),
  at: z
    .string()
    .regex(jsonPointerPattern, 'a JSON pointer, such as /0/title')
    .optional()
    .describe(
      'a JSON pointer (RFC 6901) to the part of the answer that is meant; the whole by default; rows are those of a list',
    ),
  org: z.int().min(1).default(1).describe('the id of the organisation that is asked'),
};
const question = z.strictObject(keys);

/** What would ask somebody else, and what deletes although it is asked by GET. */
const notReading = /proxy|^resources$|^snapshots-delete$/i;

/** By the URL's own reading: `..` and `%2e%2e` lead elsewhere, and letters may be written as `%70`. */
function isReadingPath(path: string): boolean {
  if (!/^\/api\/[\x21-\x7e]+$/.test(path) || !URL.canParse(path, 'http://grafana')) return false;
  const { pathname, host, hash } = new URL(path, 'http://grafana');
  const [, root, ...segments] = pathname.split('/');
  if (host !== 'grafana' || hash !== '' || root !== 'api') return false;
  return segments.every((each) => {
    const name = decoded(each);
    return name !== undefined && !/[/\\%]/.test(name) && !notReading.test(name);
  });
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

export const grafanaQuestions: Questions<GrafanaSettings> = {
  keys,
  open: async (_chain, restored, _now, { signal: stop }) => {
    const { RestoredGrafana } = await import('./restore.ts');
    if (!(restored instanceof RestoredGrafana)) throw new FiredrillError('INTERNAL', 'this is no restored Grafana');
    const { server, login } = restored;
    return {
      ask: async (asked, signal) => {
        const { http, at = '', org } = judgedQuestion(question, asked);
        const client = new GrafanaClient(() => server.socketPath(), AbortSignal.any([stop, signal]), login);
        return answerIn(await client.get(http, org), http, at, 'the restored Grafana');
      },
      [Symbol.asyncDispose]: async () => {},
    };
  },
  openLive: (source, { signal: stop }) => ({
    ask: async (asked, signal) => {
      // A token belongs to one organisation, which is asked.
      const { http, at = '' } = judgedQuestion(question, asked);
      const { LiveGrafana } = await import('./carry/live.ts');
      const live = new LiveGrafana(source, AbortSignal.any([stop, signal]));
      return answerIn(await live.ask(http), http, at, `Grafana at ${source.host.label}`);
    },
    [Symbol.asyncDispose]: async () => {},
  }),
};

function answerIn({ status, body }: ApiAnswer, path: string, at: string, who: string): Answer {
  if (status === 200) return answerOf(partAt(body, at));
  const said = isObject(body) && typeof body.message === 'string' ? ` (${plainLine(body.message, 100)})` : '';
  throw new FiredrillError('RESTORE_FAILED', `${who} answered ${status}${said} to ${plainLine(path)}`);
}

function answerOf(part: unknown): Answer {
  const list = Array.isArray(part) ? part : undefined;
  const first = list ? list[0] : part;
  const text = part === undefined ? '' : typeof part === 'string' ? part : JSON.stringify(part);
  return { rows: list?.length ?? null, first: isScalar(first) ? first : undefined, text };
}

const isScalar = (value: unknown): value is Scalar =>
  value === null || (value !== undefined && typeof value !== 'object');
