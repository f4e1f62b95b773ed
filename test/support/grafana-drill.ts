import { checkGrafana } from '../../src/engines/grafana/check.ts';
import { type RestoredGrafana, restoreGrafana } from '../../src/engines/grafana/restore.ts';
import { type GrafanaSettings, grafanaSettings } from '../../src/engines/grafana/settings.ts';
import { resultOfFailure } from '../../src/flow/failure.ts';
import type { CheckResult } from '../../src/model/check.ts';
import type { OpenMember } from '../../src/model/member.ts';
import { testActivity } from './activity.ts';
import { images } from './images.ts';
import { withBay } from './pod.ts';

export interface Drilled {
  results: CheckResult[];
  newest: { at: string; basis: string } | null;
  outcome(check: string): string | undefined;
  failed: string[];
  /** All findings, one per line. */
  said: string;
}

/** Restores and checks a member in a real sealed pod; what is thrown becomes a result, as in a drill. */
export async function drillMember(
  member: OpenMember,
  settings: Partial<GrafanaSettings> = {},
  whileUp: (restored: RestoredGrafana) => Promise<void> = async () => {},
): Promise<Drilled> {
  const results: CheckResult[] = [];
  let newest: Drilled['newest'] = null;
  await withBay({ service: 'grafana', image: images().grafana }, async (bay) => {
    try {
      const activity = testActivity();
      const restored = await restoreGrafana([member], bay, activity);
      results.push(...restored.results);
      const checked = await checkGrafana([member], restored, { ...grafanaSettings.parse({}), ...settings }, activity);
      results.push(...checked.results);
      newest = checked.newest;
      await whileUp(restored);
    } catch (error) {
      results.push(resultOfFailure(error, 'grafana'));
    }
  });
  return {
    results,
    newest,
    outcome: (check) => results.find((result) => result.check === check)?.outcome,
    failed: results.filter(({ outcome }) => outcome === 'fail').map(({ check }) => check),
    said: results.flatMap(({ findings }) => findings.map(({ sentence }) => sentence)).join('\n'),
  };
}
