import { factsList, heldOf } from '../../model/measures.ts';
import type { Engine } from '../engine.ts';
import { backUpGrafana } from './backup.ts';
import { grafanaCarrier } from './carry/carrier.ts';
import { checkDashboards, checkGrafana } from './check.ts';
import { diagnoseGrafana } from './diagnose.ts';
import { grafanaEntrance } from './entrance.ts';
import { backUpPages } from './increment.ts';
import { grafanaMachines } from './machine.ts';
import { baseDiscontinuity } from './position.ts';
import { grafanaQuestions } from './questions.ts';
import { restoreGrafana } from './restore.ts';
import { type GrafanaSettings, grafanaSettings } from './settings.ts';
import { verifyGrafana } from './verify.ts';
import { imageTagOf, sameMinor } from './version.ts';

/** Grafana on SQLite, from 6.2 on: a proven copy of grafana.db and the files beside it; as increments, the pages that differ. */
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
  diagnose: diagnoseGrafana,
  backupFull: backUpGrafana,
  increments: {
    dependence: 'full',
    anyInstant: false,
    backup: backUpPages,
    discontinuity: baseDiscontinuity,
  },
  verify: verifyGrafana,
  restore: restoreGrafana,
  carrier: grafanaCarrier,
  check: checkGrafana,
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
  checkLive: checkDashboards,
};
