import { factsList, heldOf } from '../../model/measures.ts';
import type { Engine } from '../engine.ts';
import { answererOf } from './answerer.ts';
import { influxdbCarrier } from './carry/carrier.ts';
import { influxdbEntrance } from './entrance.ts';
import { heartbeatMeasurement } from './facts.ts';
import { influxdbMachines } from './machine.ts';
import { shardDiscontinuity } from './position.ts';
import { influxdbQuestions } from './questions.ts';
import { type InfluxdbSettings, influxdbSettings } from './settings.ts';

const dayMs = 86_400_000;

/** `1.6.7~rc0` → `1.6`; the whole text when it is no such version. */
const minorOf = (version: string) => /^v?(\d+\.\d+)/.exec(version)?.[1] ?? version;

/**
 * InfluxDB 1.x: one database of a server, by its portable backup. What works with servers and artifacts is loaded when it is asked
 * for: listings do without it.
 */
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
  diagnose: async (...of) => (await import('./diagnose.ts')).diagnoseSource(...of),
  backupFull: async (...of) => (await import('./backup.ts')).backupFull(...of),
  beat: async (...of) => (await import('./heartbeat.ts')).writeHeartbeat(...of),
  increments: {
    dependence: 'previous',
    anyInstant: false,
    backup: async (...of) => (await import('./backup.ts')).backupIncrement(...of),
    discontinuity: shardDiscontinuity,
  },
  verify: async (...of) => (await import('./verify.ts')).verifyMember(...of),
  restore: async (chain, bay, activity) => (await import('./restore.ts')).restoreChain(chain, bay, activity),
  carrier: influxdbCarrier,
  check: async (chain, restored, _settings, activity) =>
    (await import('./check.ts')).checkRestored(chain, restored, activity),
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
