import { factsList, heldOf } from '../../model/measures.ts';
import type { Engine } from '../engine.ts';
import { answererOf } from './answerer.ts';
import { heartbeatMeasurement } from './archive-tally.ts';
import { backupFull, backupIncrement } from './backup.ts';
import { influxdbCarrier } from './carry/carrier.ts';
import { checkRestored } from './check.ts';
import { diagnoseSource } from './diagnose.ts';
import { influxdbEntrance } from './entrance.ts';
import { writeHeartbeat } from './heartbeat.ts';
import { influxdbMachines } from './machine.ts';
import { shardDiscontinuity } from './position.ts';
import { influxdbQuestions } from './questions.ts';
import { restoreChain } from './restore.ts';
import { type InfluxdbSettings, influxdbSettings } from './settings.ts';
import { verifyMember } from './verify.ts';

const dayMs = 86_400_000;

/** `1.6.7~rc0` → `1.6`; the whole text when it is no such version. */
const minorOf = (version: string) => /^v?(\d+\.\d+)/.exec(version)?.[1] ?? version;

/** InfluxDB 1.x: one database of a server, by its portable backup. */
export const influxdbEngine: Engine<InfluxdbSettings> = {
  name: 'influxdb',
  title: 'InfluxDB',
  settings: influxdbSettings,
  verifies: ['completeness', 'format', 'rows'],
  drills: ['completeness', 'restore-run', 'format', 'inventory', 'content', 'rows'],
  // Metrics come all the time; a whole day without one means that the source or its agents are dead.
  quietMs: dayMs,
  expectedIdentity: ({ database }) => ({ database }),
  officialImage: (version) => `influxdb:${minorOf(version)}`,
  sameVersion: (recorded, found) => minorOf(recorded) === minorOf(found),
  diagnose: diagnoseSource,
  backupFull,
  beat: writeHeartbeat,
  increments: {
    dependence: 'previous',
    anyInstant: false,
    backup: backupIncrement,
    discontinuity: shardDiscontinuity,
  },
  verify: verifyMember,
  restore: restoreChain,
  carrier: influxdbCarrier,
  check: (chain, restored, _settings, activity) => checkRestored(chain, restored, activity),
  holds: (manifest) => {
    const others = factsList(manifest, 'measurements')?.filter(({ name }) => name !== heartbeatMeasurement);
    const fields = others?.flatMap((each) => (Array.isArray(each.fields) ? each.fields : [null]));
    return heldOf(
      fields?.map((field) => field?.points),
      'values',
    );
  },
  questions: influxdbQuestions,
  machines: influxdbMachines,
  entrance: influxdbEntrance,
  answerer: answererOf,
};
