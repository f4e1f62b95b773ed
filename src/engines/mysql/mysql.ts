import { FiredrillError } from '../../kit/errors.ts';
import { factsList, heldOf } from '../../model/measures.ts';
import type { OpenMember } from '../../model/member.ts';
import type { Engine } from '../engine.ts';
import { mysqlCarrier } from './carry/carrier.ts';
import { checkRestored } from './check.ts';
import { diagnoseSource } from './diagnose.ts';
import { dump } from './dump.ts';
import { mysqlEntrance } from './entrance.ts';
import { heartbeatTable, writeHeartbeat } from './heartbeat.ts';
import { dumpIncrement } from './increment.ts';
import { destructiveInMember, verifyIncrement } from './increment-content.ts';
import { holdsTransaction, logDiscontinuity } from './log-position.ts';
import { mysqlMachines } from './machine.ts';
import { mysqlQuestions } from './questions.ts';
import { followingOf } from './replica.ts';
import { restoreChain } from './restore.ts';
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
  following: followingOf,
  officialImage: (version) => `mysql:${releaseOf(version)}`,
  sameVersion: (recorded, found) => releaseOf(recorded) === releaseOf(found),
  diagnose: diagnoseSource,
  backupFull: dump,
  beat: writeHeartbeat,
  verify: (member, activity) =>
    member.manifest.kind === 'full' ? verifyFull(member, activity) : verifyIncrement(member, activity),
  increments: {
    dependence: 'previous',
    anyInstant: true,
    backup: dumpIncrement,
    destructive: destructiveInMember,
    discontinuity: logDiscontinuity,
    holds: holdsTransaction,
  },
  restore: (chain, bay, activity, target) => restoreChain(wholeChain(chain), bay, activity, target),
  carrier: mysqlCarrier,
  check: (chain, restored, settings, activity) => checkRestored(wholeChain(chain), restored, settings, activity),
  holds: (manifest) => {
    const tables = factsList(manifest, 'tables')?.filter(({ name }) => name !== heartbeatTable);
    return heldOf(
      tables?.map(({ rows }) => rows),
      'rows',
    );
  },
  questions: mysqlQuestions,
  machines: mysqlMachines,
  entrance: mysqlEntrance,
};

function wholeChain(chain: readonly OpenMember[]): readonly [OpenMember, ...OpenMember[]] {
  const [full, ...increments] = chain;
  if (full?.manifest.kind === 'full') return [full, ...increments];
  throw new FiredrillError('INTERNAL', 'a chain begins with a full');
}
