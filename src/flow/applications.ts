import type { Declared } from '../checks/self-check.ts';
import type { Activity } from '../kit/activity.ts';
import { FiredrillError } from '../kit/errors.ts';
import { type Application, servicesOf } from '../model/application.ts';
import { type CheckResult, notRun } from '../model/check.ts';
import type { ApplicationRecord } from '../model/journal.ts';
import type { Pod } from '../sandbox/pod.ts';
import type { ServiceDrill } from './service-drill.ts';
import type { Stopwatch } from './stopwatch.ts';
import { tryApplication } from './try-application.ts';

/** Those whose services are all part of a drill; of the others it is said why they are not tried. */
export function applicationsFor(applications: readonly Application[], services: readonly string[]) {
  const absent = (application: Application) => servicesOf(application).filter((each) => !services.includes(each));
  return {
    chosen: applications.filter((each) => absent(each).length === 0),
    notes: applications
      .filter((each) => absent(each).length > 0)
      .map((each) => `${each.application} was not tried: ${absent(each).join(', ')} took no part in this drill`),
  };
}

/**
 * Runs the applications on what a drill has restored, one after the other. It comes after all checks: what they write must not
 * change what is compared.
 */
export class Applications {
  readonly results: CheckResult[] = [];
  readonly records: ApplicationRecord[] = [];
  readonly #applications: readonly Application[];
  readonly #pull: 'missing' | 'never';
  readonly #watch: Stopwatch;
  readonly #activity: Activity;

  constructor(applications: readonly Application[], pull: 'missing' | 'never', watch: Stopwatch, activity: Activity) {
    this.#applications = applications;
    this.#pull = pull;
    this.#watch = watch;
    this.#activity = activity;
  }

  /** Each must give a result. When nothing could be restored, it says so with the services' own. */
  declared(): Declared[] {
    return this.#applications.map((each) => ({
      ...{ check: 'application' as const, service: each.application },
      restsOn: servicesOf(each),
    }));
  }

  async run(pod: Pod, services: readonly ServiceDrill[]): Promise<void> {
    for (const each of this.#applications) {
      const needed = services.filter(({ service }) => servicesOf(each).includes(service));
      const bad = needed.find((service) => !service.cameBack);
      if (bad) this.#passOver(each, bad);
      else await this.#try(each, pod, needed);
    }
  }

  /** On data that is not good it would only say so once more. */
  #passOver(application: Application, bad: ServiceDrill) {
    const { application: name, steps } = application;
    const sentence = `${name} was not tried, because ${bad.service} had not come back well`;
    this.results.push(notRun('application', name, sentence));
    this.records.push({
      ...{ application: name, services: servicesOf(application), image: null, readyMs: null },
      steps: { expected: steps.length, taken: 0 },
    });
  }

  async #try(application: Application, pod: Pod, needed: readonly ServiceDrill[]) {
    const { application: name, logins } = application;
    const stage = {
      place: pod.applications,
      pull: this.#pull,
      access: async (service: string) => {
        const drilled = needed.find((each) => each.service === service);
        if (!drilled) throw new FiredrillError('INTERNAL', `${service} was not restored`);
        return drilled.letIn(logins[service], this.#activity.signal);
      },
      trouble: async () => {
        const troubles = await Promise.all(needed.map(({ service }) => pod.troubleOf(service)));
        return troubles.find((each) => each !== undefined);
      },
    };
    const { result, record } = await this.#watch.phase('application', name, () =>
      tryApplication(application, stage, this.#activity),
    );
    this.results.push(result);
    this.records.push(record);
  }
}
