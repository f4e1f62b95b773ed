import { FiredrillError } from '../../kit/errors.ts';
import type { OpenMember } from '../../model/member.ts';
import type { Engine } from '../engine.ts';
import { checkFull } from './check.ts';
import { diagnoseSource } from './diagnose.ts';
import { dump } from './dump.ts';
import { restoreFull } from './restore.ts';
import { type MysqlSettings, mysqlSettings } from './settings.ts';
import { verifyFull } from './verify.ts';
import { releaseOf } from './version.ts';

/** MySQL 8.0 and later. */
export const mysqlEngine: Engine<MysqlSettings> = {
  name: 'mysql',
  title: 'MySQL',
  settings: mysqlSettings as Engine<MysqlSettings>['settings'],
  verifies: ['format', 'completeness'],
  drills: ['format', 'completeness', 'restore-run', 'schema', 'accounts', 'rows', 'content', 'semantics'],
  quietMs: 3_600_000,
  expectedIdentity: ({ databases }) => ({ databases: databases.toSorted() }),
  officialImage: (version) => `mysql:${releaseOf(version)}`,
  sameVersion: (recorded, found) => releaseOf(recorded) === releaseOf(found),
  diagnose: diagnoseSource,
  backupFull: dump,
  verify: verifyFull,
  restore: (chain, bay, activity) => restoreFull(fullOf(chain), bay, activity),
  check: (chain, restored, _settings, activity) => checkFull(fullOf(chain), restored, activity),
};

function fullOf(chain: readonly OpenMember[]): OpenMember {
  const [full, ...rest] = chain;
  if (full?.manifest.kind === 'full' && rest.length === 0) return full;
  throw new FiredrillError('INTERNAL', 'this engine restores one full, and no increments yet');
}
