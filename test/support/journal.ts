import type { Journal, PlantedRecord, RestoreRecord } from '../../src/model/journal.ts';
import { failed, passed } from './results.ts';

/** A journal of a drill that passed; `change` makes another one of it. */
export function sampleJournal(change: Partial<Journal> = {}): Journal {
  return {
    format: 'firedrill-journal',
    version: 1,
    drill: {
      id: '20261122T021500Z-nightly',
      name: 'nightly',
      startedAt: '2026-11-22T02:15:00.000Z',
      finishedAt: '2026-11-22T02:16:02.000Z',
      asOf: '2026-11-22T02:15:00.000Z',
      vault: 'onsite',
      services: ['agama'],
    },
    verdict: { verdict: 'pass', sentence: 'The service was restored in 48.3 s of 30 m; 3 checks passed.' },
    exitStatus: 0,
    rto: { objectiveMs: 1_800_000, usedMs: 48_300 },
    ownCostMs: 1_200,
    worstMs: 48_300,
    skewMs: null,
    lastGood: [],
    excursions: [],
    planted: null,
    services: [
      {
        service: 'agama',
        engine: 'mysql',
        title: 'MySQL',
        set: 'backup-2026-11-22',
        members: [
          {
            id: 'full-20261122T013000Z',
            kind: 'full',
            manifestSha256: 'ab'.repeat(32),
            bytes: 70_000_000,
            artifacts: 7,
            startedAt: '2026-11-22T01:30:00.000Z',
            dataAt: '2026-11-22T01:30:01.000Z',
            finishedAt: '2026-11-22T01:30:20.000Z',
            sourceHost: 'docker:agama-db',
            engineVersion: '9.7.4',
            tools: { mysqldump: '9.7.4' },
          },
        ],
        restoredTo: { at: '2026-11-22T01:29:40.000Z', basis: 'orders.created_at' },
        rpo: { objectiveMs: 3_600_000, measuredMs: 2_699_000 },
        heartbeat: null,
        largestGapMs: null,
        panelsWithData: null,
        readyMs: 48_300,
        image: { name: 'mysql:9.7', id: 'sha256:12', digest: null, engineVersion: '9.7.4', standIn: false },
      },
    ],
    checks: [passed('rows'), passed('content'), passed('isolation', null)],
    phases: [
      { service: null, phase: 'plan', startMs: 0, endMs: 20 },
      { service: 'agama', phase: 'restore', startMs: 900, endMs: 48_300 },
      { service: 'agama', phase: 'check', startMs: 48_300, endMs: 60_000 },
    ],
    native: [{ service: 'agama', label: 'load', startMs: 3_000, endMs: 47_000 }],
    isolation: [{ what: 'routes', expected: 'absent', found: 'none', ok: true }],
    environment: {
      firedrill: '0.1.0',
      node: 'v24.21.0',
      docker: '20.10.24',
      host: 'backup1',
      cpus: 2,
      memoryBytes: 24 * 1024 ** 3,
      peakMemoryBytes: 150_000_000,
    },
    notes: [],
    ...change,
  };
}

/** A real restore that ended well. */
export const restoreRecord = (change: Partial<RestoreRecord> = {}): RestoreRecord => ({
  reason: 'deleted-data',
  target: 'rebuilt',
  host: 'docker:agama-db2',
  outcome: 'restored',
  parts: null,
  replaced: ['database agama: 7 tables'],
  safetyCopy: { where: '/safety/20261122T021600Z-agama', goBack: 'firedrill restore agama --safety-copy …' },
  lostMs: 60_000,
  carryMs: 5_000,
  checks: [passed('rows'), passed('content')],
  ...change,
});

export const plantedFault = (change: Partial<PlantedRecord> = {}): PlantedRecord => ({
  seed: 7,
  saboteur: 'S31',
  title: 'an increment in the middle of a chain is missing',
  resealed: false,
  service: 'agama',
  what: 'backup-2026-11-22/agama/incr-20261123T013000Z was removed',
  caughtBy: 'chain',
  sentence: 'agama: incr-20261124T013000Z builds on incr-20261123T013000Z, which is not in the vault',
  ...change,
});

export const failedJournal = () =>
  sampleJournal({
    verdict: { verdict: 'fail', sentence: 'The backup is not good: rows is bad.' },
    exitStatus: 3,
    rto: { objectiveMs: 1_800_000, usedMs: null },
    checks: [failed('rows', 'agama', 'agama: table orders\u001b[2J has 9 rows'), passed('isolation', null)],
    notes: ['agama was judged by a stand-in'],
  });
