import type { DrillPlan } from '../flow/plan.ts';
import { count, plainLine } from '../kit/text.ts';
import { formatBytes, formatDuration } from '../kit/units.ts';
import type { EstimateBasis, RestoreEstimate, ServiceEstimate, TimeRange } from '../model/restore-estimate.ts';
import { table } from './output.ts';

/** A chain of hourly increments has more than anybody reads: the first and the last of them. */
const maxMembersShown = 8;

/** For the terminal: what would be restored, in its order, and how long that would take. */
export function drillPlanLines(plan: DrillPlan): string[] {
  return [
    `from vault ${plan.vault}, as of ${plan.asOf}; services are restored side by side, the members of each in this order:`,
    ...plan.services.flatMap((each) => ['', ...serviceLines(each)]),
    ...plan.results.flatMap(({ findings }) => findings.map(({ sentence }) => `NOT GOOD: ${sentence}`)),
    '',
    ...estimateLines(plan),
  ].map((line) => plainLine(line, 400));
}

function serviceLines({ service, title, set, members }: DrillPlan['services'][number]): string[] {
  const bytes = members.reduce((sum, each) => sum + each.bytes, 0);
  const what = members.length === 0 ? 'nothing' : `${count(members.length, 'member')} of ${set}, ${formatBytes(bytes)}`;
  const rows = members.map((each) => [`  ${each.id}`, each.kind, `data from ${each.dataAt}`, formatBytes(each.bytes)]);
  const hidden = rows.length - maxMembersShown;
  if (hidden > 0) rows.splice(maxMembersShown / 2, hidden, [`  … and ${hidden} between them`, '', '', '']);
  return [`${service} (${title}): ${what}`, ...(rows.length === 0 ? [] : table(rows).split('\n'))];
}

function estimateLines({ estimate, rtoMs }: DrillPlan): string[] {
  const rows = estimate.services.map((each) => [
    `  ${each.service}`,
    each.ready ? rangeWords(each.ready) : 'not known',
    each.ready ? partWords(each) : '',
    basisWords(each),
  ]);
  return [
    'how long until it is ready:',
    ...table(rows).split('\n'),
    wholeWords(estimate, rtoMs),
    ...pastWords(estimate),
  ];
}

const rangeWords = ({ ms, lowMs, highMs }: TimeRange) =>
  `${formatDuration(ms)} (${formatDuration(lowMs)} to ${formatDuration(highMs)})`;

const partWords = ({ parts }: ServiceEstimate) =>
  parts.map(({ part, ms }) => `${part} ${formatDuration(ms)}`).join(', ');

const bases: Record<EstimateBasis, string> = {
  same: '',
  'other-services': ', which restored other services beside it',
  'other-vault': ', from another vault',
};

function basisWords({ basis, drills }: ServiceEstimate): string {
  if (basis === null) return 'no earlier drill of it to go by: run firedrill drill';
  return `by ${count(drills, 'earlier drill')}${bases[basis]}`;
}

function wholeWords({ whole, services }: RestoreEstimate, rtoMs: number): string {
  const allowed = formatDuration(rtoMs);
  if (!whole) {
    const without = services.filter(({ ready }) => ready === null).length;
    return `all services: not known, since ${count(without, 'service has', 'services have')} no earlier drill; allowed are ${allowed}`;
  }
  const late = whole.highMs <= rtoMs ? '' : whole.ms > rtoMs ? ': TOO LONG' : ': may be too long';
  return `all services: ${rangeWords(whole)} of ${allowed}${late}`;
}

function pastWords({ past }: RestoreEstimate): string[] {
  if (!past) return [];
  const off = `${(past.meanError * 100).toFixed(0)} %`;
  return [`such estimates were off by ${off} in the mean of ${count(past.drills, 'drill')}`];
}
