import type { Carrier } from '../../engine.ts';
import type { GrafanaSettings } from '../settings.ts';

/** A whole takes the place of a database that no server has open; parts are put into a Grafana that runs. */
export const grafanaCarrier: Carrier<GrafanaSettings> = {
  parts: 'dashboards',
  look: async (target, newest, { signal }, parts) => {
    const { lookAtLive, lookAtTarget } = await import('./look.ts');
    return parts ? lookAtLive(target, newest, parts, signal) : lookAtTarget(target, signal);
  },
  carry: async (job, activity) => {
    if (!job.parts) return (await import('./carry.ts')).carryInto(job, activity);
    return (await import('./carry-dashboards.ts')).carryDashboards(job, job.parts, activity);
  },
};
