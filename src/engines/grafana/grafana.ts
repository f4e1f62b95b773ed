import type { Engine } from '../engine.ts';
import { backUpGrafana } from './backup.ts';
import { checkGrafana } from './check.ts';
import { diagnoseGrafana } from './diagnose.ts';
import { restoreGrafana } from './restore.ts';
import { type GrafanaSettings, grafanaSettings } from './settings.ts';
import { verifyGrafana } from './verify.ts';
import { plainVersion, sameMinor } from './version.ts';

/** Grafana on SQLite, from 6.2 on: a proven copy of grafana.db and the files beside it. */
export const grafanaEngine: Engine<GrafanaSettings> = {
  name: 'grafana',
  title: 'Grafana',
  settings: grafanaSettings,
  verifies: ['format', 'completeness', 'content'],
  drills: ['format', 'completeness', 'restore-run', 'inventory', 'content', 'secrets', 'semantics'],
  quietMs: null,
  expectedIdentity: () => ({}),
  officialImage: (engineVersion) => `grafana/grafana:${plainVersion(engineVersion)}`,
  sameVersion: sameMinor,
  diagnose: diagnoseGrafana,
  backupFull: backUpGrafana,
  verify: verifyGrafana,
  restore: restoreGrafana,
  check: checkGrafana,
};
