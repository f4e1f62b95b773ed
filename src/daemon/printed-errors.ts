import { open } from 'node:fs/promises';
import { shortened } from '../kit/text.ts';
import type { JobError } from '../model/job-outcome.ts';

const maxBytes = 256 * 1024;
const maxErrors = 50;
const maxLength = 2_000;

/** The errors that a run printed with --json, one line each: the last ones, where there are many. What is none is passed over. */
export async function printedErrors(file: string): Promise<JobError[]> {
  const lines = (await endOf(file)).split('\n');
  return lines.flatMap((line) => errorIn(line) ?? []).slice(-maxErrors);
}

async function endOf(file: string): Promise<string> {
  try {
    await using handle = await open(file, 'r');
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read({
      buffer: Buffer.alloc(Math.min(size, maxBytes)),
      position: Math.max(0, size - maxBytes),
    });
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    // Whatever keeps it from being read, the exit status is known.
    return '';
  }
}

function errorIn(line: string): JobError | undefined {
  if (!line.startsWith('{"error":')) return undefined;
  try {
    const { code, message, hint, service = null } = (JSON.parse(line) as { error: Record<string, unknown> }).error;
    const text = (value: unknown) => shortened(String(value ?? ''), maxLength);
    return {
      code: text(code),
      message: text(message),
      hint: text(hint),
      service: service === null ? null : text(service),
    };
  } catch {
    return undefined;
  }
}
