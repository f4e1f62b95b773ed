import { factsList, heldOf } from '../../model/measures.ts';
import type { Engine } from '../engine.ts';
import { grafanaCarrier } from './carry/carrier.ts';
import { grafanaEntrance } from './entrance.ts';
import { grafanaMachines } from './machine.ts';
import { baseDiscontinuity } from './position.ts';
import { grafanaQuestions } from './questions.ts';
import { type GrafanaSettings, grafanaSettings } from './settings.ts';
import { imageTagOf, sameMinor } from './version.ts';

/**
 * Grafana on SQLite, from 6.2 on: a proven copy of grafana.db and the files beside it; as increments, the pages that differ. What
 * works with servers and artifacts is loaded when it is asked for: listings do without it.
 */
export const grafanaEngine: Engine<GrafanaSettings> = {
  name: 'grafana',
  title: 'Grafana',
  settings: grafanaSettings,
  verifies: ['format', 'completeness', 'content'],
  drills: ['format', 'completeness', 'restore-run', 'inventory', 'content', 'secrets', 'semantics'],
  quietMs: null,
  expectedIdentity: () => ({}),
  officialImage: (engineVersion) => `grafana/grafana:${imageTagOf(engineVersion)}`,
  sameVersion: sameMinor,
  diagnose: async (...of) => (await import('./diagnose.ts')).diagnoseGrafana(...of),
  backupFull: async (...of) => (await import('./backup.ts')).backUpGrafana(...of),
  increments: {
    dependence: 'full',
    anyInstant: false,
    backup: async (...of) => (await import('./increment.ts')).backUpPages(...of),
    discontinuity: baseDiscontinuity,
  },
  verify: async (...of) => (await import('./verify.ts')).verifyGrafana(...of),
  restore: async (chain, bay, activity) => (await import('./restore.ts')).restoreGrafana(chain, bay, activity),
  carrier: grafanaCarrier,
  check: async (...of) => (await import('./check.ts')).checkGrafana(...of),
  holds: (manifest) => {
    const items = factsList(manifest, 'organisations')?.map(
      (each) => each.items as { dashboards?: unknown } | undefined,
    );
    const lists = items?.map((each) => each?.dashboards);
    return heldOf(
      lists?.map((list) => (Array.isArray(list) ? list.length : null)),
      'dashboards',
    );
  },
  questions: grafanaQuestions,
  machines: grafanaMachines,
  entrance: grafanaEntrance,
  checkLive: async (...of) => (await import('./check.ts')).checkDashboards(...of),
};
