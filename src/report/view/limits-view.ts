import { count } from '../../kit/text.ts';
import { formatBytes } from '../../kit/units.ts';
import { checkIds, checks } from '../../model/check.ts';
import type { Journal } from '../../model/journal.ts';
import { type Bounded, bounded } from './bounded.ts';
import { line } from './untrusted.ts';

const maxItems = 60;

/** What nobody may conclude from this drill. What went wrong in it first, then what no drill of this kind can show. */
export function limitsView(journal: Journal): Bounded<string> {
  const items = [
    ...notRun(journal),
    ...standIns(journal),
    ...unknownNewest(journal),
    ...journal.notes.map(line),
    ...notAsked(journal),
    ...always(journal),
  ];
  return bounded(items, maxItems, (text) => text);
}

/** One item for all checks of a service that were not run for the same reason. */
function notRun({ checks: results }: Journal): string[] {
  const absent = results.filter((each) => each.outcome === 'not-run');
  const groups = Map.groupBy(absent, ({ service, findings }) => {
    const of = service === null ? 'Of the whole drill' : `Of ${line(service)}`;
    return `${of}\n${line(findings[0]?.sentence ?? 'no reason was given')}`;
  });
  return [...groups].map(([key, group]) => {
    const [of, reason] = key.split('\n');
    return `${of}, ${count(group.length, 'check was', 'checks were')} not run (${reason}): ${group.map((each) => each.check).join(', ')}.`;
  });
}

/** The drill notes it too, in its own words: once is enough. */
function standIns({ services, notes }: Journal): string[] {
  return services
    .filter(
      ({ image, service }) => image?.standIn && !notes.some((each) => each.startsWith(`${service} was judged by`)),
    )
    .map(({ service, title }) => `No real ${line(title)} opened the backup of ${line(service)}: a stand-in did.`);
}

function unknownNewest({ services }: Journal): string[] {
  return services
    .filter((each) => each.readyMs !== null && each.restoredTo === null)
    .map(({ service }) => `How new the newest event of ${line(service)} is was not measured.`);
}

function notAsked({ checks: results }: Journal): string[] {
  const asked = new Set(results.map((each) => each.check));
  const rest = checkIds.filter((id) => !asked.has(id));
  return rest.length === 0 ? [] : [`Nobody asked in this drill: ${rest.map((id) => checks[id].asks).join(' ')}`];
}

function always({ drill, environment, excursions, applications = [] }: Journal): string[] {
  const tried = applications.filter(({ image }) => image !== null).map(({ application }) => line(application));
  const { host, cpus, memoryBytes } = environment;
  return [
    `Only one restore point of each service in vault ${line(drill.vault)} is in this verdict; other points${excursions.length > 0 ? ', but for those listed above,' : ''} and other copies were not restored.`,
    `The times are those of ${line(host)} (${cpus} CPUs, ${formatBytes(memoryBytes)} of memory); another machine may be slower.`,
    `Getting and setting up machines, network and names is not in the restore time, and ${started(tried)}`,
  ];
}

function started(applications: readonly string[]): string {
  const none = 'the applications that use these services were not started.';
  return applications.length === 0 ? none : `of the applications only these were started: ${applications.join(', ')}.`;
}
