import { count, shortened } from '../kit/text.ts';

/** The vocabulary of checks. `number` is the check's number in the catalogue of saboteurs (docs/saboteurs.md). */
export const checks = {
  coverage: { number: 'C01', asks: 'Is there a backup of every service that must have one?' },
  'set-age': { number: 'C02', asks: 'Is the newest completed backup young enough, by its manifest?' },
  manifest: {
    number: 'C03',
    asks: 'Are the files exactly those that were sealed, byte for byte, and is the seal genuine?',
  },
  format: { number: 'C04', asks: 'Does every artifact decode to its end, inside its limits?' },
  completeness: { number: 'C05', asks: 'Did the producer say that it had finished, and is every part there?' },
  chain: { number: 'C06', asks: 'Is the chain whole: one full, no gap, no fork, nothing foreign?' },
  'restore-run': { number: 'C07', asks: 'Did every stage of the restore end well, into an empty target?' },
  schema: { number: 'C08', asks: 'Are all schema objects there, as they were?' },
  accounts: { number: 'C08', asks: 'Are all accounts and grants there, as they were?' },
  rows: { number: 'C09', asks: 'Does every table hold exactly the rows that were dumped?' },
  content: { number: 'C10', asks: 'Is the content the same, by digest?' },
  freshness: { number: 'C11', asks: 'Did the data inside reach the time of the backup?' },
  semantics: {
    number: 'C12',
    asks: 'Does the data make sense and serve: parents and definers exist, views work, applications can log in?',
  },
  application: { number: 'C12', asks: 'Does the application work on the restored data?' },
  'own-checks': { number: 'C12', asks: 'Do your own checks, from the configuration, hold in the restored data?' },
  inventory: { number: 'C13/C14', asks: 'Is everything there that the manifest lists, and nothing else?' },
  'dashboards-live': { number: 'C15', asks: "Does every panel's query find data in the restored database?" },
  secrets: { number: 'C14', asks: 'Can the stored secrets be decrypted with the key that was backed up?' },
  provenance: { number: 'C16', asks: 'Does the backup come from the right server, in a healthy state?' },
  versions: { number: 'C17', asks: 'Was it restored by the engine version that made it?' },
  rto: { number: 'C18', asks: 'Were all services back within the recovery time objective?' },
  rpo: { number: 'C02/C11', asks: 'How much of the newest data would have been lost?' },
  'older-points': { number: 'C06/C18', asks: 'Do older restore points, and the longest chain, come back as well?' },
  anomaly: {
    number: 'C22',
    asks: 'Is its size, content or time unusual, against the backups of 30 days that a drill has restored?',
  },
  'self-check': { number: 'C23', asks: 'Did every check look at all that it was to look at?' },
  planted: { number: 'C23', asks: 'Was the fault found that was planted into a copy of the backup?' },
  'hostile-input': { number: 'C24', asks: 'Did the backup try to do what a backup never does?' },
  isolation: { number: 'C27', asks: 'Was the restored copy unable to reach anything outside its pod?' },
} as const satisfies Record<string, { number: string; asks: string }>;

export type CheckId = keyof typeof checks;
export const checkIds = Object.keys(checks) as readonly CheckId[];

/** One thing that is not as it should be, in one plain sentence. All its texts may hold untrusted names. */
export interface Finding {
  sentence: string;
  expected?: string;
  found?: string;
  /** The next command to type. */
  next?: string;
  /** Worth a look, and no reason to call the backup bad: the outcome stays what it is. Absent: it decides the outcome. */
  severity?: 'warning';
}

export const isWarning = ({ severity }: Finding) => severity === 'warning';

/** One line of the "expected against found" table on the report. */
export interface Comparison {
  what: string;
  expected: string;
  found: string;
}

/**
 * What one check saw. `expected` is how many subjects it was to look at and `lookedAt` how many it did: the self-check
 * compares the two. `not-run` is for a check that an earlier failure made impossible; it is never a pass.
 */
export interface CheckResult {
  check: CheckId;
  service: string | null;
  outcome: 'pass' | 'fail' | 'inconclusive' | 'not-run';
  /** What is counted, in the plural: `tables`, `artifacts`. */
  subjects: string;
  expected: number;
  lookedAt: number;
  findings: Finding[];
  /** Findings beyond the first `maxFindings` are counted, not kept. */
  moreFindings: number;
  comparisons: Comparison[];
}

export const maxFindings = 50;
/** A text is cut there: a backup may hold names of any length. */
export const maxTextChars = 4_000;

const cut = (text: string) => shortened(text, maxTextChars);

function cutFinding(finding: Finding): Finding {
  return Object.fromEntries(Object.entries(finding).map(([key, text]) => [key, cut(text)])) as unknown as Finding;
}

/** Gathers what one check sees, and judges it at the end. No evidence is not a pass. */
export class Look {
  readonly #result: CheckResult;

  /** `expected` is the number of `subjects` (plural) that must be looked at; it comes from the manifest or the plan. */
  constructor(check: CheckId, service: string | null, subjects: string, expected: number) {
    this.#result = {
      check,
      service,
      outcome: 'pass',
      subjects,
      expected,
      lookedAt: 0,
      findings: [],
      moreFindings: 0,
      comparisons: [],
    };
  }

  /** One subject was looked at, whatever was seen. */
  sawOne(n = 1): this {
    this.#result.lookedAt += n;
    return this;
  }

  compare(what: string, expected: unknown, found: unknown): this {
    const [want, is] = [String(expected), String(found)];
    this.#result.comparisons.push({ what: cut(what), expected: cut(want), found: cut(is) });
    return this;
  }

  fail(finding: Finding): this {
    this.#keep(finding);
    this.#result.outcome = 'fail';
    return this;
  }

  /** Something to look at that may well be as it should. */
  warn(finding: Finding): this {
    this.#keep({ ...finding, severity: 'warning' });
    return this;
  }

  /** The drill could not look. A failure that was seen before stays a failure. */
  couldNot(finding: Finding): this {
    this.#keep(finding);
    if (this.#result.outcome === 'pass') this.#result.outcome = 'inconclusive';
    return this;
  }

  /** Failures stand before warnings, and push them out where there are too many. */
  #keep(finding: Finding) {
    const { findings } = this.#result;
    const at = isWarning(finding) ? findings.length : findings.filter((each) => !isWarning(each)).length;
    findings.splice(at, 0, cutFinding(finding));
    if (findings.length > maxFindings) {
      findings.pop();
      this.#result.moreFindings += 1;
    }
  }

  result(): CheckResult {
    const { outcome, expected, lookedAt, subjects } = this.#result;
    if (outcome === 'pass' && (expected < 1 || lookedAt < expected)) {
      const sentence = `only ${lookedAt} of ${count(expected, 'expected subject')} (${subjects}) could be looked at`;
      return { ...this.#result, outcome: 'inconclusive', findings: [{ sentence }] };
    }
    return this.#result;
  }
}

/** A check that could not run because of an earlier failure of the same service. */
export function notRun(check: CheckId, service: string | null, because: string): CheckResult {
  return { ...new Look(check, service, 'subjects', 1).result(), outcome: 'not-run', findings: [{ sentence: because }] };
}
