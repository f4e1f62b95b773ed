import { FiredrillError } from '../../kit/errors.ts';
import { factsList, heldOf } from '../../model/measures.ts';
import type { OpenMember } from '../../model/member.ts';
import type { Engine } from '../engine.ts';
import { mysqlCarrier } from './carry/carrier.ts';
import { mysqlEntrance } from './entrance.ts';
import { heartbeatTable } from './heartbeat.ts';
import { holdsTransaction, logDiscontinuity } from './log-position.ts';
import { mysqlMachines } from './machine.ts';
import { isPhysical } from './physical/is-physical.ts';
import { mysqlQuestions } from './questions.ts';
import { followingOf } from './replica.ts';
import { type MysqlSettings, mysqlSettings } from './settings.ts';
import { releaseOf } from './version.ts';

/** MySQL 8.0 and later. What works with servers and artifacts is loaded when it is asked for: listings do without it. */
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
  diagnose: async (...of) => (await import('./diagnose.ts')).diagnoseSource(...of),
  backupFull: async (source, ...of) => {
    if (source.settings.format === 'physical')
      return (await import('./physical/dump-clone.ts')).dumpClone(source, ...of);
    return (await import('./dump.ts')).dump(source, ...of);
  },
  beat: async (...of) => (await import('./heartbeat.ts')).writeHeartbeat(...of),
  verify: async (member, activity) => {
    if (isPhysical(member)) return (await import('./physical/verify-clone.ts')).verifyClone(member, activity);
    if (member.manifest.kind === 'full') return (await import('./verify.ts')).verifyFull(member, activity);
    return (await import('./increment-content.ts')).verifyIncrement(member, activity);
  },
  increments: {
    dependence: 'previous',
    anyInstant: true,
    factsAtEnds: true,
    backup: async (...of) => (await import('./increment.ts')).dumpIncrement(...of),
    destructive: async function* (member, minRows) {
      yield* (await import('./increment-content.ts')).destructiveInMember(member, minRows);
    },
    discontinuity: logDiscontinuity,
    holds: holdsTransaction,
  },
  restore: async (chain, ...of) => {
    const whole = wholeChain(chain);
    if (isPhysical(whole[0])) return (await import('./physical/restore-clone.ts')).restoreClone(whole, ...of);
    return (await import('./restore.ts')).restoreChain(whole, ...of);
  },
  carrier: mysqlCarrier,
  check: async (chain, ...of) => (await import('./check.ts')).checkRestored(wholeChain(chain), ...of),
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
