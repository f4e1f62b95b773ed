import { count } from '../../kit/text.ts';
import { formatBytes } from '../../kit/units.ts';
import type { CheckResult, Comparison } from '../../model/check.ts';
import type { Journal, MemberRecord, ServiceRecord } from '../../model/journal.ts';
import { bounded } from './bounded.ts';
import { duration } from './duration.ts';
import { outcomeView, resultsByService, worstOutcome } from './outcome.ts';
import { shareView } from './share.ts';
import { instant, line, nameOf } from './untrusted.ts';

const maxServices = 100;
const maxMembers = 20;
const maxComparisons = 100;
/** A longer table is folded, unless something in it differs. */
const foldedFrom = 9;

export function servicesView({ services, checks, skewMs }: Journal) {
  const resultsOf = resultsByService(checks);
  const good = ({ service }: ServiceRecord) => worstOutcome(resultsOf(service)) === 'pass';
  // The order of the configuration; only where not all can be shown do those in trouble come first.
  const inOrder =
    services.length > maxServices ? services.toSorted((a, b) => Number(good(a)) - Number(good(b))) : services;
  return {
    skew: skewMs === null ? '' : duration(skewMs),
    ...bounded(inOrder, maxServices, (record) => serviceView(record, resultsOf(record.service))),
  };
}

function serviceView(record: ServiceRecord, results: readonly CheckResult[]) {
  const { service, members, restoredTo, readyMs, rpo, set, largestGapMs, heartbeat, panelsWithData } = record;
  return {
    ...outcomeView(worstOutcome(results)),
    service: nameOf(service),
    engine: engineView(record),
    set: set === null ? '' : line(set),
    members: bounded(members, maxMembers, memberView),
    dataAt: instant(members.at(-1)?.dataAt ?? ''),
    newest: restoredTo ? { at: instant(restoredTo.at), basis: line(restoredTo.basis) } : null,
    ready: readyMs === null ? '' : duration(readyMs),
    rpo: rpo.measuredMs === null ? null : shareView(rpo.measuredMs, rpo.objectiveMs),
    rpoObjective: duration(rpo.objectiveMs),
    gap: largestGapMs === null ? null : { longest: duration(largestGapMs), over: largestGapMs > rpo.objectiveMs },
    panels: panelsWithData === null ? '' : count(panelsWithData.length, 'panel'),
    heartbeat: heartbeat === null ? '' : `${line(heartbeat.id)}, written ${instant(heartbeat.at)}`,
    comparisons: comparisonsView(results),
  };
}

function engineView({ title, image, members }: ServiceRecord) {
  const version = image?.engineVersion ?? members.at(-1)?.engineVersion ?? '';
  return { title: line(title), version: line(version), standIn: image?.standIn ?? false };
}

function memberView({ id, kind, bytes, artifacts, startedAt, sourceHost }: MemberRecord) {
  return {
    id: line(id),
    kind,
    size: formatBytes(bytes),
    files: count(artifacts, 'file'),
    startedAt: instant(startedAt),
    sourceHost: line(sourceHost),
  };
}

interface Compared extends Comparison {
  check: CheckResult['check'];
  state: 'same' | 'differs' | 'allowed';
}

/** Of some results, what was expected against what was found; what differs first. */
export function comparisonsView(results: readonly CheckResult[]) {
  const all = results.flatMap(({ check, outcome, comparisons }) =>
    comparisons.map((each): Compared => ({ ...each, check, state: stateOf(each, outcome) })),
  );
  const differing = all.filter((each) => each.state === 'differs');
  const shown = [...differing, ...all.filter((each) => each.state !== 'differs')];
  return {
    total: all.length.toLocaleString('en-US'),
    differing: differing.length.toLocaleString('en-US'),
    differs: differing.length > 0,
    folded: all.length >= foldedFrom && differing.length === 0,
    ...bounded(shown, maxComparisons, ({ what, expected, found, check, state }) => ({
      what: line(what),
      expected: line(expected),
      found: line(found),
      check,
      state,
      differs: state === 'differs',
      allowed: state === 'allowed',
    })),
  };
}

/** Not every comparison is one for equality (`at most 30 m`): what a check that passed let through was allowed. */
function stateOf({ expected, found }: Comparison, outcome: CheckResult['outcome']): Compared['state'] {
  if (expected === found) return 'same';
  return outcome === 'pass' ? 'allowed' : 'differs';
}
