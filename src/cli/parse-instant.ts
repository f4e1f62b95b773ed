import { FiredrillError } from '../kit/errors.ts';

const form = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** The value of an option. With a zone, or not at all: a local time would mean something else on the next machine. */
export function parseInstant(option: string, text: string): Date {
  const instant = form.test(text) ? new Date(text) : null;
  if (instant && !Number.isNaN(instant.getTime())) return instant;
  const sentence = `${option} takes an instant with its zone, such as 2026-11-22T01:30:00Z, not: ${text}`;
  throw new FiredrillError('USAGE', sentence);
}
