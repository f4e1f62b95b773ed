import { count } from '../../../src/kit/text.ts';
import { parseMemberId } from '../../../src/model/backup-set.ts';
import { type CheckResult, isWarning } from '../../../src/model/check.ts';
import type { Journal } from '../../../src/model/journal.ts';

/** What came of one night. */
export interface CleanNight {
  /** `Sun 2026-12-06`: when it was, by the clock of the company. */
  date: string;
  /** Why it is a false alarm: what its drill held against good backups, a reason each. */
  alarms: string[];
  /** Why the drill is not to be believed though it gave no alarm: it did not look where it should, or overlooked a planted fault. */
  blind: string[];
  /** What was thought unusual, or begun anew. */
  warnings: string[];
  /** Services that were compared with nights before. */
  compared: string[];
  seconds: number;
}

/** Whatever a drill of good backups says that is not a pass. */
export function alarmsOf({ verdict, checks }: Pick<Journal, 'verdict' | 'checks'>): string[] {
  const findings = checks.filter(({ outcome }) => outcome !== 'pass').map(say);
  return verdict.verdict === 'pass'
    ? findings
    : [`the verdict is ${verdict.verdict}: ${verdict.sentence}`, ...findings];
}

const say = ({ check, service, outcome, findings }: CheckResult) =>
  `${outcome} ${check}${service === null ? '' : ` of ${service}`}: ${findings.map(({ sentence }) => sentence).join(' | ')}`;

/** A drill that looks at nothing gives no alarm either: it must have restored what this night made, and found its own fault. */
export function blindnessOf(
  { services, planted }: Pick<Journal, 'services' | 'planted'>,
  names: readonly string[],
  madeAt: Date,
): string[] {
  const restored = services.map(({ service, members }) => ({ service, id: members.at(-1)?.id ?? '' }));
  const missing = names.filter((name) => restored.every(({ service }) => service !== name));
  const old = restored.filter(({ id }) => (parseMemberId(id)?.startedAt.getTime() ?? 0) < madeAt.getTime());
  return [
    ...missing.map((name) => `${name} was not drilled`),
    ...old.map(({ service, id }) => `of ${service} not what this night made was restored, but ${id || 'nothing'}`),
    ...(planted === null ? ['no fault was planted'] : []),
    ...(planted && planted.caughtBy === null ? [`the planted fault was overlooked: ${planted.title}`] : []),
  ];
}

/** What it thought unusual, though no reason to doubt the backup. */
export function warningsOf({ checks }: Pick<Journal, 'checks'>): string[] {
  return checks.flatMap(({ check, findings }) =>
    findings.filter(isWarning).map(({ sentence }) => `${check}: ${sentence}`),
  );
}

/** One line for the terminal, and below it what is not well. */
export function nightLine({ date, alarms, blind, warnings, seconds }: CleanNight): string {
  const word = alarms.length > 0 ? 'FALSE ALARM' : blind.length > 0 ? 'BLIND' : 'passed';
  const line = `${word.padEnd(11)}  ${seconds.toFixed(1).padStart(5)} s  ${date}`;
  return [
    line,
    ...[...alarms, ...blind, ...warnings.map((each) => `warning: ${each}`)].map((each) => `             ${each}`),
  ].join('\n');
}

/** What all nights together come to, and whether that is as it must be. */
export function totalsOfNights(nights: readonly CleanNight[]): { line: string; allWell: boolean } {
  const alarms = nights.filter((each) => each.alarms.length > 0).length;
  const blind = nights.filter((each) => each.blind.length > 0).length;
  const warned = nights.filter((each) => each.warnings.length > 0).length;
  const seconds = nights.reduce((sum, each) => sum + each.seconds, 0);
  const line = `${count(nights.length, 'clean drill')} in a row: false alarms ${alarms} of ${nights.length}, blind ${blind}, with warnings ${warned}; ${Math.round(seconds)} s`;
  return { line, allWell: alarms + blind === 0 };
}
