import { plainLine } from '../kit/text.ts';
import { type CheckResult, checks, type Finding } from '../model/check.ts';
import type { Journal } from '../model/journal.ts';
import { compileTemplate } from './compile-template.ts';
import { junit } from './template/junit.ts';
import { resultsByService } from './view/outcome.ts';

const render = compileTemplate<ReturnType<typeof junitView>>(junit);

/** For CI: a test suite for each service and one for the drill itself, a test case for each check. */
export function renderJunit(journal: Journal): string {
  return render(junitView(journal));
}

function junitView(journal: Journal) {
  const { checks: results, drill, rto, services } = journal;
  const names = [...new Set([null, ...services.map((each) => each.service), ...results.map((each) => each.service)])];
  const resultsOf = resultsByService(results);
  return {
    name: xmlText(`firedrill ${drill.name}`),
    ...countsOf(results),
    seconds: seconds(rto.usedMs),
    suites: names.map((name) => suiteOf(journal, name, resultsOf(name))),
  };
}

function suiteOf({ services, drill }: Journal, service: string | null, own: readonly CheckResult[]) {
  const name = service === null ? 'drill' : xmlText(service);
  return {
    name,
    ...countsOf(own),
    seconds: seconds(services.find((each) => each.service === service)?.readyMs ?? null),
    // The format knows no zone; it is UTC.
    timestamp: drill.startedAt.slice(0, 19),
    cases: own.map((each) => caseOf(each, name)),
  };
}

function caseOf(result: CheckResult, suite: string) {
  const { check, outcome, findings, lookedAt, expected, subjects } = result;
  const looked = `looked at ${lookedAt} of ${expected} ${subjects}`;
  return {
    classname: `firedrill.${suite}`,
    name: `${check}: ${checks[check].asks}`,
    check,
    failed: outcome === 'fail',
    unclear: outcome === 'inconclusive',
    notRun: outcome === 'not-run',
    message: xmlText(findings[0]?.sentence ?? looked),
    text: [...findings.map(findingText), xmlText(looked)].join('\n'),
  };
}

function findingText({ sentence, expected, found, next }: Finding): string {
  const parts = [sentence, expected && `expected: ${expected}`, found && `found: ${found}`, next && `next: ${next}`];
  return parts.flatMap((part) => (part ? [xmlText(part)] : [])).join('\n  ');
}

function countsOf(results: readonly CheckResult[]) {
  const n = (outcome: CheckResult['outcome']) => results.filter((each) => each.outcome === outcome).length;
  return { tests: results.length, failures: n('fail'), errors: n('inconclusive'), skipped: n('not-run') };
}

const seconds = (ms: number | null) => ((ms ?? 0) / 1000).toFixed(3);

/** Without the characters that XML has no place for, escaped or not. */
function xmlText(text: string): string {
  return plainLine(text)
    .toWellFormed()
    .replaceAll(/[\ufffe\uffff]/g, '\ufffd');
}
