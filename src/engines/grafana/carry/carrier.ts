import type { Carrier } from '../../engine.ts';
import type { GrafanaSettings } from '../settings.ts';
import { carryInto } from './carry.ts';
import { carryDashboards } from './carry-dashboards.ts';
import { lookAtLive, lookAtTarget } from './look.ts';

/** A whole takes the place of a database that no server has open; parts are put into a Grafana that runs. */
export const grafanaCarrier: Carrier<GrafanaSettings> = {
  parts: 'dashboards',
  look: (target, newest, { signal }, parts) =>
    parts ? lookAtLive(target, newest, parts, signal) : lookAtTarget(target, signal),
  carry: (job, activity) => (job.parts ? carryDashboards(job, job.parts, activity) : carryInto(job, activity)),
};
