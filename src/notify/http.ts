import { messageOf } from '../kit/errors.ts';
import { plainLine } from '../kit/text.ts';

export interface Post {
  url: string;
  body: string;
  contentType: string;
  headers?: Record<string, string>;
  timeLimitMs: number;
  signal?: AbortSignal;
}

/** Answers with 2xx, or says in a few words why not. It does not follow to other addresses, and never throws. */
export async function post({
  url,
  body,
  contentType,
  headers,
  timeLimitMs,
  signal,
}: Post): Promise<string | undefined> {
  const limit = AbortSignal.timeout(timeLimitMs);
  try {
    const response = await fetch(url, {
      ...{ method: 'POST', body, redirect: 'manual', headers: { 'content-type': contentType, ...headers } },
      signal: signal ? AbortSignal.any([limit, signal]) : limit,
    });
    // What it says is of no interest, however much that is.
    await response.body?.cancel();
    return response.ok ? undefined : `it answered ${response.status}`;
  } catch (error) {
    if (limit.aborted) return `it did not answer within ${timeLimitMs / 1000} s`;
    if (signal?.aborted) return 'interrupted';
    return plainLine(messageOf((error as Error).cause ?? error), 200);
  }
}

/** The part of an address that tells which one is meant, and does not let anybody in: a path is often the key. */
export function shownUrl(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'its URL';
}
