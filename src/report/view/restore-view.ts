import { count } from '../../kit/text.ts';
import type { Journal, RestoreRecord } from '../../model/journal.ts';
import { bounded } from './bounded.ts';
import { duration } from './duration.ts';
import { line } from './untrusted.ts';

const maxShown = 20;

const said: Record<RestoreRecord['outcome'], string> = {
  restored: 'The target holds exactly what was proven in the pod.',
  differs: 'The target was written, but differs from what was proven in the pod.',
  'broke-off': 'The restore broke off: what stands at the target is not whole.',
  untouched: 'Nothing was changed at the target.',
};

/** What became of the target of a real restore; undefined for a drill. */
export function restoreView({ restore }: Journal) {
  if (!restore) return undefined;
  const { reason, target, host, parts, replaced, safetyCopy, lostMs, carryMs, checks } = restore;
  const findings = checks.flatMap((each) => each.findings.map(({ sentence }) => sentence));
  const passed = checks.filter(({ outcome }) => outcome === 'pass').length;
  const facts = [
    ['Target', `${line(target)} (${line(host)})`],
    ['Reason', reason],
    ['Restored', parts ? `${line(parts.join(', '))}, beside the live data` : 'the whole'],
    ['Replaced', replaced.length === 0 ? 'nothing' : line(replaced.join('; '))],
    ['Safety copy', safetyCopy ? line(safetyCopy.where) : 'none'],
    ...(safetyCopy ? [['To go back', line(safetyCopy.goBack)]] : []),
    ['Lost', lostMs === null ? 'nothing, or not known' : `what was written in ${duration(lostMs)}`],
    ['Written and compared in', carryMs === null ? 'not ended' : duration(carryMs)],
    ['Checks of the target', `${passed} of ${count(checks.length, 'check')} passed`],
  ];
  return {
    outcome: said[restore.outcome],
    facts: facts.map(([name = '', value = '']) => ({ name, value })),
    findings: bounded(findings, maxShown, line),
  };
}
