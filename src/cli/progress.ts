import type { Activity, ProgressEvent } from '../kit/activity.ts';
import { systemClock } from '../kit/clock.ts';
import { plainLine } from '../kit/text.ts';
import { formatBytes } from '../kit/units.ts';

const general = 'firedrill';

/**
 * Runs a flow and shows what it tells: a live list on a terminal, plain lines on stderr elsewhere, nothing when
 * `quiet`. stdout stays free for the result.
 */
export async function withProgress<T>(
  services: readonly string[],
  signal: AbortSignal,
  work: (activity: Activity) => Promise<T>,
  quiet = false,
): Promise<T> {
  if (quiet) return work(activityOf(signal, () => {}));
  // The list moves the cursor of the terminal that the result goes to as well: both, or neither.
  const live = process.stderr.isTTY === true && process.stdout.isTTY === true;
  if (live) return runLive(services, signal, work);
  const tell = plainProgress((line) => process.stderr.write(line));
  return work(activityOf(signal, tell));
}

function activityOf(signal: AbortSignal, tell: (event: ProgressEvent) => void): Activity {
  return { clock: systemClock, signal, tell, native: (_label, run) => run() };
}

const countEveryMs = 10_000;

/** One line a step, and one in ten seconds of what only counts on; bytes are left to the live list, or a log would be full of them. */
export function plainProgress(write: (line: string) => void, nowMs = () => performance.now()) {
  const last = new Map<string, { step: string; atMs: number }>();
  return (event: ProgressEvent) => {
    const place = event.service ?? general;
    const line = `${place}: ${event.phase}: ${plainLine(event.text)}`;
    const step = line.replaceAll(/\d[\d,]* of \d[\d,]*/g, '# of #');
    const before = last.get(place);
    if (before?.step === step && nowMs() - before.atMs < countEveryMs) return;
    last.set(place, { step, atMs: nowMs() });
    write(`${line}\n`);
  };
}

async function runLive<T>(
  services: readonly string[],
  signal: AbortSignal,
  work: (activity: Activity) => Promise<T>,
): Promise<T> {
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2');
  const say = new Map<string, (text: string) => void>();
  const activity = activityOf(signal, (event) => {
    const own = say.get(event.service ?? general);
    if (own) own(describe(event));
    // An application has no line of its own.
    else say.get(general)?.(`${event.service}: ${describe(event)}`);
  });
  const started = Promise.withResolvers<void>();
  const running = started.promise.then(() => work(activity));
  const tasks = [general, ...services].map((title) => ({
    title,
    task: async (_: unknown, task: { output: string }) => {
      say.set(title, (text) => {
        task.output = text;
      });
      started.resolve();
      // The flow's own error is thrown below, once, and not by each line of the list.
      await running.catch(() => {});
    },
  }));
  const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) });
  const rendererOptions = { showErrorMessage: false, clearOutput: true, logger };
  const renderer = { renderer: 'default', rendererOptions } as const;
  await new Listr(tasks, { concurrent: true, exitOnError: false, registerSignalListeners: false, ...renderer }).run();
  return running;
}

function describe(event: ProgressEvent): string {
  const total = event.totalBytes === undefined ? '' : ` of ${formatBytes(event.totalBytes)}`;
  const bytes = event.bytes === undefined ? '' : ` (${formatBytes(event.bytes)}${total})`;
  return `${event.phase}: ${plainLine(event.text)}${bytes}`;
}
