import { FiredrillError } from '../kit/errors.ts';
import { post, shownUrl } from './http.ts';

export interface Webhook {
  url: string;
  token: string | undefined;
  timeLimitMs: number;
}

/** What a webhook gets, as JSON. `text` is what chats show. */
export interface WebhookEvent {
  event: 'drill' | 'job-broken' | 'mail-refused';
  text: string;
  [more: string]: unknown;
}

const pausesMs = [500, 2_000];

/** Calls it, twice more when it does not answer well. WEBHOOK_FAILED is returned, and not thrown. */
export async function callWebhook(
  { url, token, timeLimitMs }: Webhook,
  event: WebhookEvent,
  signal: AbortSignal,
): Promise<FiredrillError | undefined> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const body = JSON.stringify({ source: 'firedrill', version: 1, ...event });
  let problem: string | undefined;
  for (const pauseMs of [0, ...pausesMs]) {
    if (pauseMs > 0) await pause(pauseMs, signal);
    problem = await post({ url, body, contentType: 'application/json', headers, timeLimitMs, signal });
    if (problem === undefined) return undefined;
    if (signal.aborted) break;
  }
  return new FiredrillError('WEBHOOK_FAILED', `the webhook at ${shownUrl(url)} was not told: ${problem}`);
}

/** Ends early, and without an error, when the run is stopped. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise.finally(() => clearTimeout(timer));
}
