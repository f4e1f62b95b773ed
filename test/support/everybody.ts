import type { Channels, Telling } from '../../src/flow/channels.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { type HttpSink, httpSink } from './http-sink.ts';
import { type MailServer, type Says, startMailServer } from './mail-server.ts';
import { sampleServer } from './message.ts';

export interface Everybody extends AsyncDisposable {
  mail: MailServer;
  pings: HttpSink;
  hook: HttpSink;
  remarks: string[];
  telling: Telling;
}

/** Someone at each channel; `says` is what the mail server answers. */
export async function everybody(
  reportsFolder: string,
  says: Says = {},
  change: Partial<Channels> = {},
): Promise<Everybody> {
  const [mail, pings, hook] = [await startMailServer(says), await httpSink(), await httpSink()];
  const remarks: string[] = [];
  const channels: Channels = {
    ...{ timeZone: 'UTC', reportsFolder, textfile: undefined },
    mail: {
      server: sampleServer(mail.port),
      ...{ from: { name: '', address: 'drill@example.com' }, to: [{ name: '', address: 'boss@example.com' }] },
      ...{ responsible: 'Jaan', on: 'always', attachmentLimitBytes: 1e7, patienceMs: 3_000 },
    },
    webhook: { url: hook.url, token: undefined, timeLimitMs: 2_000, on: 'failure' },
    pings: {
      drill: { url: `${pings.url}/d`, timeLimitMs: 2_000 },
      backup: { url: `${pings.url}/b`, timeLimitMs: 2_000 },
    },
    ...change,
  };
  return {
    ...{ mail, pings, hook, remarks },
    telling: {
      channels,
      clock: systemClock,
      signal: new AbortController().signal,
      remark: (text) => void remarks.push(text),
    },
    [Symbol.asyncDispose]: async () => {
      for (const each of [mail, pings, hook]) await each[Symbol.asyncDispose]();
    },
  };
}
