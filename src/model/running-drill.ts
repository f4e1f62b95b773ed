import { z } from 'zod';
import { shortened } from '../kit/text.ts';

/** What a running drill writes down for whoever watches it: a line of JSON each, `begin` first and `end` last. */

/** The first line. */
export interface RunningBegin {
  kind: 'begin';
  /** Host, process and its start: `ownOwner`. */
  owner: string;
  name: string;
  vault: string;
  services: string[];
  /** ISO 8601, UTC. */
  startedAt: string;
  /** How long the restore may take. */
  rtoMs: number;
}

/** Something that was told while it ran. */
export interface RunningStep {
  kind: 'step';
  /** Milliseconds since the begin. */
  atMs: number;
  /** null: of the drill as a whole. */
  service: string | null;
  phase: string;
  text: string;
  bytes?: number;
  totalBytes?: number;
}

/** The last line; a drill that was killed has none. */
export interface RunningEnd {
  kind: 'end';
  atMs: number;
  verdict: 'pass' | 'fail' | 'inconclusive' | null;
  /** Name of the folder of its report; null when there is none. */
  folder: string | null;
}

export type RunningLine = RunningBegin | RunningStep | RunningEnd;

/** One file for each; nothing else in the folder is looked at. */
export const runningFilePattern = /^\d{8}T\d{6}Z-[a-z0-9-]{1,50}\.(\d{1,10})\.jsonl$/;

const ms = z.number().min(0);
const bytes = z.number().min(0).exactOptional();
const text = z.string().transform((each) => shortened(each, 500));

const lineSchema: z.ZodType<RunningLine> = z.discriminatedUnion('kind', [
  z.object({
    ...{ kind: z.literal('begin'), owner: text, name: text, vault: text, services: z.array(text).max(200) },
    ...{ startedAt: z.iso.datetime(), rtoMs: ms },
  }),
  z.object({
    ...{ kind: z.literal('step'), atMs: ms, service: text.nullable(), phase: text, text, bytes, totalBytes: bytes },
  }),
  z.object({
    ...{ kind: z.literal('end'), atMs: ms, verdict: z.enum(['pass', 'fail', 'inconclusive']).nullable() },
    folder: z
      .string()
      .regex(/^\d{8}T\d{6}Z-[a-z0-9-]{1,60}$/)
      .nullable(),
  }),
]);

/** undefined for what is no such line. */
export function parseRunningLine(line: string): RunningLine | undefined {
  try {
    const judged = lineSchema.safeParse(JSON.parse(line));
    return judged.success ? judged.data : undefined;
  } catch {
    return undefined;
  }
}

/** A service, or the drill as a whole, as far as it has come. */
export interface RunningService {
  /** null: the drill as a whole. */
  service: string | null;
  /** The newest step; null before the first. */
  step: RunningStep | null;
  /** Phases that have ended, in their order; one that is done twice, such as for an older point, stands once. */
  done: string[];
}

/** What the lines of one drill come to. */
export interface RunningDrill {
  begin: RunningBegin;
  services: RunningService[];
  /** The newest steps, the newest first. */
  recent: RunningStep[];
  end: RunningEnd | null;
}

const maxRecent = 12;
const maxServices = 200;

export function begunDrill(begin: RunningBegin): RunningDrill {
  const services = [null, ...begin.services].map((service) => ({ service, step: null, done: [] }));
  return { begin, services, recent: [], end: null };
}

/** The drill after one more line. A second begin, and what follows the end, says nothing. */
export function afterLine(drill: RunningDrill, line: RunningLine): RunningDrill {
  if (drill.end || line.kind === 'begin') return drill;
  if (line.kind === 'end') return { ...drill, end: line };
  const known = drill.services.some(({ service }) => service === line.service);
  const isRoom = drill.services.length < maxServices;
  const added = known || !isRoom ? [] : [{ service: line.service, step: null, done: [] }];
  const services = [...drill.services, ...added].map((each) =>
    each.service === line.service ? afterStep(each, line) : each,
  );
  const [newest, ...older] = drill.recent;
  // Bytes that go on are one step.
  const isSame = newest?.service === line.service && newest.phase === line.phase && newest.text === line.text;
  const before = isSame ? older : drill.recent;
  return { ...drill, services, recent: [line, ...before].slice(0, maxRecent) };
}

function afterStep({ service, done }: RunningService, step: RunningStep): RunningService {
  const ended = /^ended after /.test(step.text);
  const others = done.filter((phase) => phase !== step.phase);
  return { service, step, done: ended ? [...others, step.phase] : others };
}
