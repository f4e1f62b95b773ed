import { resolve } from 'node:path';
import type { ListedScenario } from '../../config/load-scenarios.ts';
import type { GameDay } from '../../flow/gameday/game-day.ts';
import { plainLine } from '../../kit/text.ts';
import { formatDuration } from '../../kit/units.ts';
import type { GameDayJournal } from '../../model/gameday-journal.ts';
import { wrap } from '../help.ts';
import { table } from '../output.ts';

const width = 80;

/** What the operator is told when the clock runs, or when he comes back to it. */
export function beginningLines(day: GameDay): string[] {
  const { scenario, stack } = day;
  const [service = ''] = scenario.services;
  return [
    '',
    ...scenario.roles.map(({ role, does }) => `${role}: ${does}`),
    '',
    ...scenario.situation
      .trim()
      .split(/\n\n+/)
      .map((paragraph) => wrap(paragraph, width)),
    '',
    `The clock runs: ${formatDuration(scenario.limitMs)}, hints included. Everything happens in containers of its own:`,
    ...stack.services.map(
      (each) => `  ${each.service}: ${each.title} ${each.engineVersion}, container ${each.container}`,
    ),
    'In another terminal, firedrill works with the stack when it is given its configuration:',
    `  export FIREDRILL_CONFIG=${resolve(stack.configFile)}`,
    `  firedrill list ${service}`,
    `  firedrill restore ${service} --to source --reason ${scenario.reason} --dry-run`,
    'Here: what you notice and decide is noted; hint; recovered when you think that it is; help for more.',
    '',
  ];
}

/** All scenarios, and which cannot be rehearsed here. */
export function listLines(listed: readonly ListedScenario[]): string[] {
  const good = listed.flatMap(({ scenario }) => (scenario ? [scenario] : []));
  const rows = good.map(({ name, reason, limitMs, services, title }) => [
    ...[name, reason, formatDuration(limitMs), services.join(', '), title],
  ]);
  const bad = listed.flatMap(({ name, error }) =>
    error ? [`${name}: ${plainLine(error.detail[0] ?? error.message, 300)}`] : [],
  );
  return [
    ...(rows.length > 0 ? [table([['NAME', 'REASON', 'LIMIT', 'SERVICES', 'TITLE'], ...rows])] : []),
    ...(bad.length > 0 ? ['', 'cannot be rehearsed here:', ...bad.map((line) => `  ${line}`)] : []),
    ...(rows.length > 0 ? [`next: firedrill gameday ${good[0]?.name}`] : []),
  ];
}

/** One line for each of several game days: where the minutes went. */
export function timesTable(journals: readonly GameDayJournal[]): string {
  const heading = [
    'SCENARIO',
    'OUTCOME',
    'DETECTION',
    'DECISION',
    'RESTORE',
    'VERIFICATION',
    'HINTS',
    'TOTAL',
    'LIMIT',
  ];
  const time = (ms: number | null) => (ms === null ? '–' : formatDuration(ms));
  const rows = journals.map(({ gameDay, outcome, minutes }) => [
    ...[gameDay.scenario, outcome.outcome, time(minutes.detectionMs), time(minutes.decisionMs)],
    ...[time(minutes.restoreMs), time(minutes.verificationMs), time(minutes.penaltyMs), time(minutes.totalMs)],
    formatDuration(gameDay.limitMs),
  ]);
  return table([heading, ...rows]);
}

/** The last line. */
export function outcomeLine({ gameDay, outcome }: GameDayJournal, report: string): string {
  return plainLine(`game day ${gameDay.scenario}: ${outcome.outcome}: ${outcome.sentence} | report: ${report}`, 600);
}
