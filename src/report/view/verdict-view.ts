import { count, plainLine } from '../../kit/text.ts';
import type { CheckId, CheckResult } from '../../model/check.ts';
import type { Journal, RestoreRecord, VerdictWord } from '../../model/journal.ts';
import { duration, together } from './duration.ts';
import { resultsByService, worstOutcome } from './outcome.ts';
import { instant, line, sentence } from './untrusted.ts';

const signs: Record<VerdictWord, string> = { pass: '✓', fail: '✕', inconclusive: '?' };

/** Above everything: what somebody who knows nothing of backups must take away in ten seconds. */
export function verdictView(journal: Journal) {
  const { verdict, drill } = journal;
  const name = line(drill.name);
  return {
    kind: verdict.verdict,
    word: verdict.verdict.toUpperCase(),
    sign: signs[verdict.verdict],
    lead: journal.restore ? restoreLead[journal.restore.outcome] : leadOf(journal),
    target: line(journal.restore?.target ?? ''),
    sentence: together(sentence(verdict.sentence)),
    drill: name,
    startedAt: instant(drill.startedAt),
    // A drill of the past is judged against the past: whoever reads it must know.
    asOf: drill.asOf === drill.startedAt ? '' : instant(drill.asOf),
    title: `${verdict.verdict.toUpperCase()} · ${name} · ${instant(drill.startedAt)}`,
    tiles: tilesOf(journal),
  };
}

const restoreLead: Record<RestoreRecord['outcome'], string> = {
  restored: 'Restored: the target holds what was backed up.',
  differs: 'Look at the target before you use it.',
  'broke-off': 'Do not use the target: it is not whole.',
  untouched: 'Nothing was changed at the target.',
};

function leadOf({ verdict, checks, rto }: Journal): string {
  if (verdict.verdict === 'inconclusive') {
    return 'Not known: the drill could not look. This says nothing about the backup, good or bad.';
  }
  if (verdict.verdict === 'pass') {
    return rto.usedMs === null
      ? 'The backup works.'
      : `The backup works: everything could be back in ${duration(rto.usedMs)}.`;
  }
  if (checks.every(({ check, outcome }) => outcome !== 'fail' || check === 'planted')) {
    return 'Do not rely on this drill: it overlooked a fault that was planted.';
  }
  const kept = whatWasKept(checks);
  return kept ?? `Do not rely on ${blamed(checks)}.`;
}

const late: readonly CheckId[] = ['rto'];
const old: readonly CheckId[] = ['rpo', 'set-age'];

/** Good data that is only late or old is still good data; anything else that is not passed forbids to say so. */
function whatWasKept(checks: readonly CheckResult[]): string | undefined {
  const bad = checks.filter((each) => each.outcome !== 'pass');
  const onlyPromises = bad.every(({ check, outcome }) => outcome === 'fail' && [...late, ...old].includes(check));
  if (bad.length === 0 || !onlyPromises) return undefined;
  const isLate = bad.some(({ check }) => late.includes(check));
  const isOld = bad.some(({ check }) => old.includes(check));
  const how =
    isLate && isOld ? 'takes too long and loses too much' : isLate ? 'takes too long' : 'loses too much new data';
  return `The backup can be restored, but that ${how}.`;
}

function blamed(checks: readonly CheckResult[]): string {
  const services = new Set(checks.filter((each) => each.outcome === 'fail').map((each) => each.service));
  const names = [...services].map((each) => (each === null ? '' : plainLine(each, 64)));
  if (names.length === 0 || names.length > 3 || names.includes('')) return 'this backup';
  return `the backup of ${names.join(' and ')}`;
}

function tilesOf({ rto, services, checks }: Journal) {
  const resultsOf = resultsByService(checks);
  const good = services.filter(({ service }) => worstOutcome(resultsOf(service)) === 'pass');
  const passed = checks.filter((each) => each.outcome === 'pass').length;
  return [
    {
      label: 'Restore time',
      value: rto.usedMs === null ? 'not reached' : duration(rto.usedMs),
      of: `of ${duration(rto.objectiveMs)}`,
    },
    lossTile(services),
    { label: 'Services that passed', value: `${good.length}`, of: `of ${services.length}` },
    { label: 'Checks that passed', value: `${passed}`, of: `of ${checks.length}` },
  ];
}

/** The service that comes closest to its objective, or misses it most. What did not come back is lost altogether. */
function lossTile(services: Journal['services']) {
  const label = 'Would be lost';
  const absent = services.filter((each) => each.readyMs === null).length;
  if (absent > 0)
    return { label, value: 'not known', of: `${absent} of ${count(services.length, 'service')} did not come back` };
  const known = services.flatMap(({ service, rpo }) =>
    rpo.measuredMs === null ? [] : [{ service, ...rpo, measuredMs: rpo.measuredMs }],
  );
  const share = (rpo: { measuredMs: number; objectiveMs: number }) => rpo.measuredMs / Math.max(rpo.objectiveMs, 1);
  const worst = known.toSorted((a, b) => share(b) - share(a))[0];
  if (!worst) return { label, value: 'not known', of: `for ${count(services.length, 'service')}` };
  return {
    label,
    value: duration(worst.measuredMs),
    of: `of ${duration(worst.objectiveMs)} (${line(worst.service)})`,
  };
}
