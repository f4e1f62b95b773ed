import { post, shownUrl } from './http.ts';

/** A few lines that the observer keeps with the ping. */
const maxBodyBytes = 10_000;

/** `log` is no judgement: what was stopped has neither succeeded nor failed. */
export type PingEvent = 'start' | 'success' | 'fail' | 'log';

export interface PingTarget {
  /** Without `/start`, `/fail` or `/log`. */
  url: string;
  timeLimitMs: number;
}

/**
 * Tells an observer elsewhere how a job goes: `<url>/start`, `<url>` when it went well, `<url>/fail` when not, `<url>/log`
 * when it was stopped, as healthchecks understands them. Returns what is to be said when that did not work; a job is never judged by it.
 */
export async function ping(
  { url, timeLimitMs }: PingTarget,
  event: PingEvent,
  text: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const body = Buffer.from(text).subarray(0, maxBodyBytes).toString();
  const order = { url: pingUrl(url, event), body, contentType: 'text/plain; charset=utf-8', timeLimitMs };
  const problem = await post({ ...order, ...(signal ? { signal } : {}) });
  return problem && `the ${event} ping to ${shownUrl(url)} did not arrive: ${problem}`;
}

/** A query, such as a run's id, stays at the end. */
function pingUrl(url: string, event: PingEvent): string {
  if (event === 'success') return url;
  const parsed = new URL(url);
  parsed.pathname = `${parsed.pathname.replace(/\/$/, '')}/${event}`;
  return parsed.href;
}
