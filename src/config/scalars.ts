import { z } from 'zod';
import { parseCron } from '../kit/cron.ts';
import { parseBytes, parseDuration } from '../kit/units.ts';

/** Scalars of the configuration, as a person writes them. Each says what is allowed. */

const durationText = 'a duration such as 90s, 30m, 1h, 56d';
const sizeText = 'a size such as 512MiB, 4GiB';

// The patterns are for editors, which know the JSON schema only; kit/units.ts decides.

/** `30m` → milliseconds. */
export const duration = z
  .string(durationText)
  .regex(/^(\d+(\.\d+)?(ms|[smhdw]))+$/, durationText)
  .transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== undefined && ms > 0) return ms;
    context.addIssue({ code: 'custom', message: durationText });
    return z.NEVER;
  })
  .describe(durationText);

/** `56d` → days. */
export const days = duration.transform((ms, context) => {
  if (ms % 86_400_000 === 0) return ms / 86_400_000;
  context.addIssue({ code: 'custom', message: 'whole days, such as 56d' });
  return z.NEVER;
});

/** `4GiB` → bytes. */
export const size = z
  .string(sizeText)
  .regex(/^\d+(\.\d+)? ?(B|KiB|MiB|GiB|TiB)$/, sizeText)
  .transform((text, context) => {
    const bytes = parseBytes(text);
    if (bytes !== undefined && bytes > 0) return bytes;
    context.addIssue({ code: 'custom', message: sizeText });
    return z.NEVER;
  })
  .describe(sizeText);

const instantText = 'a day such as 2026-11-22, or an instant such as 2026-11-22T01:30Z';

/** `2026-11-22`, `2026-11-22T01:30Z` → ms since 1970. */
export const instant = z
  .string(instantText)
  .regex(/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$/, instantText)
  .transform((text, context) => {
    const ms = Date.parse(text);
    if (!Number.isNaN(ms)) return ms;
    context.addIssue({ code: 'custom', message: instantText });
    return z.NEVER;
  })
  .describe(instantText);

export const timeZone = z
  .string()
  .refine(isTimeZone, 'an IANA time zone such as UTC, Europe/Tallinn')
  .describe('an IANA time zone such as UTC, Europe/Tallinn');

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const namePattern = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** Of services and vaults: also a folder's name. */
export const name = z
  .string()
  .regex(namePattern, 'a name of a–z, 0–9, _ and -, at most 63, beginning with a letter or digit');

export const port = z
  .int('a port from 1 to 65535')
  .min(1, 'a port from 1 to 65535')
  .max(65_535, 'a port from 1 to 65535');

const cronText = 'five fields of cron: minute hour day month weekday, such as 30 1 * * 0';

/** When something runs: cron(5) without names, in the configured time zone. */
export const cron = z
  .string(cronText)
  .regex(/^\s*([0-9*,/-]+\s+){4}[0-9*,/-]+\s*$/, cronText)
  .transform((text, context) => {
    const parsed = parseCron(text);
    if (parsed) return parsed;
    context.addIssue({ code: 'custom', message: `${cronText}, of a date that there is` });
    return z.NEVER;
  })
  .describe(cronText);
