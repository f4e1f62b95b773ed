import { drill } from '../flow/drill.ts';
import { type Clock, systemClock } from '../kit/clock.ts';
import { FiredrillError } from '../kit/errors.ts';
import type { Journal } from '../model/journal.ts';
import { type Composed, chosenServices } from './context.ts';
import { withProgress } from './progress.ts';

export interface DrillOptions {
  name: string;
  services: readonly string[];
  at?: string;
}

/** Drills, and returns the journal; reports are written by the caller. */
export async function runDrill(
  composed: Composed,
  options: DrillOptions,
  signal: AbortSignal,
  quiet = false,
  clock: Clock = systemClock,
): Promise<Journal> {
  if (!/^[a-z0-9][a-z0-9-]{0,40}$/.test(options.name)) {
    throw new FiredrillError('USAGE', `a drill's name is made of a–z, 0–9 and -, not: ${options.name}`);
  }
  const services = chosenServices(composed, options.services).map((each) => each.service);
  const order = composed.drillOrder(options.name, services, parseInstant(options.at));
  return withProgress(services, signal, (activity) => drill(order, { ...activity, clock }), quiet);
}

function parseInstant(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  // With a zone, or not at all: a local time would mean something else on the next machine.
  const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)
    ? new Date(text)
    : null;
  if (!instant || Number.isNaN(instant.getTime())) {
    throw new FiredrillError(
      'USAGE',
      `--at takes an instant with its zone, such as 2026-11-22T01:30:00Z, not: ${text}`,
    );
  }
  return instant;
}
