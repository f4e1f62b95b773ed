import type { Diagnosis } from '../../engines/engine.ts';
import type { Activity } from '../../kit/activity.ts';
import { isFiredrillError } from '../../kit/errors.ts';
import type { ComposedService } from '../context.ts';
import { diagnoseSourceClock } from './clock.ts';
import { ok, problemOf } from './examine.ts';

/** Whether a source can be reached through its host, and what its engine has to say about it. */
export async function diagnoseSource(service: ComposedService, activity: Activity): Promise<Diagnosis[]> {
  await using source = await service.connect();
  const { label } = source.host;
  let clock: Diagnosis;
  try {
    clock = await diagnoseSourceClock(source.host, activity.signal);
  } catch (error) {
    // No `date` there: reached all the same.
    if (!isFiredrillError(error, 'TOOL_MISSING', 'TOOL_FAILED')) return [unreached(error, source.service)];
    clock = ok('its clock was not compared: there is no usable date there');
  }
  const engine = await service.engine.diagnose(source, activity).catch((error: unknown) => [problemOf(error)]);
  return [ok(`tools run on ${label}`), clock, ...engine];
}

function unreached(error: unknown, service: string): Diagnosis {
  const found = problemOf(error);
  if (!isFiredrillError(error, 'HOST_UNREACHABLE')) return found;
  return {
    ...found,
    advice: `Check services.${service}.reach, whether that machine or container runs, and the network.`,
  };
}
