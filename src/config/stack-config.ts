import { dirname, resolve } from 'node:path';
import { parseDocument, stringify } from 'yaml';
import type { Json } from '../kit/json.ts';

/** Where a service of a game day's stack is, and what its settings say there over those of the user; null: left out. */
export interface StackedService {
  service: string;
  container: string;
  settings: Record<string, Json>;
}

type Values = Record<string, unknown>;

const head = `# The stack of a game day: its servers are disposable containers, its vaults lie beside this file. It was derived from
# FILE: whoever restores works with the same commands as on the day itself.
`;

/**
 * The configuration of a game day's stack, derived from the user's: the same services under the same objectives and checks,
 * in containers; vaults, keys and reports of its own; nobody is told of anything.
 * @param text the user's configuration, which was found to be good
 * @param applications names of those that are taken over
 */
export function stackConfigText(
  text: string,
  file: string,
  services: readonly StackedService[],
  applications: readonly string[],
): string {
  const folder = dirname(resolve(file));
  const raw = withAbsoluteFiles(parseDocument(text).toJS({ maxAliasCount: 50 }), folder) as Values;
  const { also: _, planted: __, from: ___, ...drill } = (raw.drill ?? {}) as Values;
  const given = raw.services as Record<string, Values>;
  const derived = {
    version: 1,
    ...(raw.timeZone === undefined ? {} : { timeZone: raw.timeZone }),
    keys: { private: 'keys/signing.key', public: ['keys/signing.pub'] },
    vaults: {
      onsite: { kind: 'directory', folder: 'onsite' },
      offsite: { kind: 'directory', folder: 'offsite', sameMachineAllowed: true },
    },
    services: Object.fromEntries(services.map((each) => [each.service, stacked(given[each.service] ?? {}, each)])),
    applications: Object.fromEntries(
      Object.entries((raw.applications ?? {}) as Values).filter(([name]) => applications.includes(name)),
    ),
    // The time that counts on a game day is the restore's alone; nightly drills plant faults.
    drill: { ...drill, planted: false },
  };
  return `${head.replace('FILE', resolve(file))}${stringify(derived, { lineWidth: 0 })}`;
}

/** What stands in the stack was as new as its backup and goes on only when somebody works there: age says nothing. */
function stacked(given: Values, { container, settings }: StackedService): Values {
  const merged = Object.entries({ ...(given.settings as Values), ...settings }).filter(([, value]) => value !== null);
  return { ...given, reach: { docker: container }, quiet: 'any', settings: Object.fromEntries(merged) };
}

/** Secrets are named by files that are relative to the user's configuration. */
function withAbsoluteFiles(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((each) => withAbsoluteFiles(each, folder));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (only && entries.length === 1 && only[0] === 'file' && typeof only[1] === 'string') {
    return { file: resolve(folder, only[1]) };
  }
  return Object.fromEntries(entries.map(([key, each]) => [key, withAbsoluteFiles(each, folder)]));
}
