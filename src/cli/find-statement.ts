import { type FoundStatement, findStatements } from '../flow/find-statements.ts';
import { type Clock, systemClock } from '../kit/clock.ts';
import { FiredrillError } from '../kit/errors.ts';
import { type Composed, chosenServices } from './context.ts';
import { parseInstant } from './parse-instant.ts';
import { withProgress } from './progress.ts';
import { isPlainName } from './typed-name.ts';

export interface FindOptions {
  service: string;
  from?: string | undefined;
  to?: string | undefined;
  minRows?: string | undefined;
}

export interface StatementsFound {
  service: string;
  from: string;
  to: string;
  minRows: number;
  /** The newest ones, in the order of time. */
  statements: FoundStatement[];
  /** How many older ones are left out. */
  leftOut: number;
  /** The command to type, to restore to just before the newest one that has a name; null where none has. */
  next: string | null;
}

const dayMs = 86_400_000;
/** A log may hold millions: the newest are what is wanted. */
const maxStatements = 1000;

export async function runFindStatement(
  composed: Composed,
  options: FindOptions,
  signal: AbortSignal,
  quiet = false,
  clock: Clock = systemClock,
): Promise<StatementsFound> {
  const to = options.to === undefined ? clock.now() : parseInstant('--to', options.to);
  const from = options.from === undefined ? new Date(to.getTime() - dayMs) : parseInstant('--from', options.from);
  if (from > to) {
    throw new FiredrillError('USAGE', `--from ${from.toISOString()} is later than --to ${to.toISOString()}`);
  }
  const minRows = parseMinRows(options.minRows);
  const [{ service, engine } = { service: '', engine: undefined }] = chosenServices(composed, [options.service]);
  if (!engine) throw new FiredrillError('USAGE', 'a service must be named');
  const { vault, trusted } = composed;
  const statements: FoundStatement[] = [];
  let leftOut = 0;
  await withProgress(
    [service],
    signal,
    async (activity) => {
      const search = { vault, trusted, engine, service, from, to, minRows };
      for await (const each of findStatements(search, { ...activity, clock })) {
        statements.push(each);
        // Dropped by hundreds: one by one would move the whole list each time.
        if (statements.length === 2 * maxStatements) leftOut += statements.splice(0, maxStatements).length;
      }
    },
    quiet,
  );
  leftOut += statements.splice(0, Math.max(statements.length - maxStatements, 0)).length;
  const next = commandFor(service, statements);
  return { service, from: from.toISOString(), to: to.toISOString(), minRows, statements, leftOut, next };
}

function parseMinRows(text = '100'): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new FiredrillError('USAGE', `--min-rows takes a whole number from 1, not: ${text}`);
}

/** Names come out of a log: one that a shell would read otherwise is not put into a command. */
function commandFor(service: string, statements: readonly FoundStatement[]): string | null {
  const newest = statements.findLast(({ name, kind }) => name !== null && kind !== 'unseen');
  if (!newest?.name || !isPlainName(newest.name)) return null;
  return `firedrill drill --service ${service} --at before:${newest.name}`;
}
