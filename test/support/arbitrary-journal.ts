import fc from 'fast-check';
import { checkIds } from '../../src/model/check.ts';
import { type Journal, phases, restoreOutcomes } from '../../src/model/journal.ts';
import { restoreReasons } from '../../src/model/objectives.ts';
import { estimateBases, estimatedParts } from '../../src/model/restore-estimate.ts';
import { hostileNames } from './hostile.ts';

/** Any text, hostile ones often. */
export const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom(...hostileNames));

const whole = fc.nat();
const ms = fc.double({ min: 0, max: 1e10, noNaN: true }).map((each) => each + 0);
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
const few = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 4 });
const instant = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

// Few names, so that results, phases and services meet.
const service = fc.oneof(fc.constantFrom('agama', 'telegraf'), anyText);

const finding = fc.record(
  {
    sentence: anyText,
    expected: anyText,
    found: anyText,
    next: fc.oneof(anyText, fc.constant('Run: firedrill doctor')),
    severity: fc.constant('warning' as const),
  },
  { requiredKeys: ['sentence'] },
);

const check = fc.record({
  check: fc.constantFrom(...checkIds),
  service: maybe(service),
  outcome: fc.constantFrom('pass', 'fail', 'inconclusive', 'not-run'),
  subjects: anyText,
  expected: whole,
  lookedAt: whole,
  findings: few(finding),
  moreFindings: whole,
  comparisons: few(fc.record({ what: anyText, expected: anyText, found: anyText })),
});

const measures = fc.record({
  contentBytes: whole,
  packed: fc.record({ contentBytes: whole, storedBytes: whole }),
  denseBytes: whole,
  holds: maybe(fc.record({ count: whole, unit: anyText })),
});

const memberKeys = {
  id: anyText,
  kind: fc.constantFrom('full', 'incremental'),
  manifestSha256: anyText,
  bytes: whole,
  artifacts: whole,
  startedAt: instant,
  dataAt: instant,
  finishedAt: instant,
  sourceHost: anyText,
  engineVersion: anyText,
  tools: fc.dictionary(fc.constantFrom('mysqldump', 'constructor', 'toString'), anyText, { noNullPrototype: true }),
} as const;
const member = fc.oneof(fc.record(memberKeys), fc.record({ ...memberKeys, measures }));

const image = fc.record({
  name: anyText,
  id: anyText,
  digest: maybe(anyText),
  engineVersion: maybe(anyText),
  standIn: fc.boolean(),
});

const serviceRecord = fc.record({
  service,
  engine: anyText,
  title: anyText,
  set: maybe(anyText),
  members: few(member),
  restoredTo: maybe(fc.record({ at: anyText, basis: anyText })),
  rpo: fc.record({ objectiveMs: ms, measuredMs: maybe(ms) }),
  heartbeat: maybe(fc.record({ id: anyText, at: anyText })),
  largestGapMs: maybe(ms),
  panelsWithData: maybe(few(anyText)),
  readyMs: maybe(ms),
  image: maybe(image),
});

const verdictWord = fc.constantFrom('pass' as const, 'fail' as const, 'inconclusive' as const);

const excursion = fc.record({
  reason: fc.constantFrom('random' as const, 'longest' as const, 'last-good' as const),
  service,
  set: anyText,
  member: anyText,
  members: whole,
  dataAt: maybe(instant),
  verdict: verdictWord,
  sentence: anyText,
  usedMs: maybe(ms),
});

const lastGood = fc.record({
  service,
  good: maybe(fc.record({ set: anyText, member: anyText, dataAt: instant, lostMs: ms })),
  bad: maybe(anyText),
});

const restore = fc.record({
  reason: fc.constantFrom(...restoreReasons),
  target: anyText,
  host: anyText,
  outcome: fc.constantFrom(...restoreOutcomes),
  parts: maybe(few(anyText)),
  replaced: few(anyText),
  safetyCopy: maybe(fc.record({ where: anyText, goBack: anyText })),
  lostMs: maybe(ms),
  carryMs: maybe(ms),
  checks: few(check),
});

const planted = fc.record({
  seed: whole,
  saboteur: anyText,
  title: anyText,
  resealed: fc.boolean(),
  service,
  what: anyText,
  caughtBy: maybe(fc.constantFrom(...checkIds)),
  sentence: anyText,
});

const range = { ms, lowMs: ms, highMs: ms };

const estimate = fc.record({
  services: few(
    fc.record({
      ...{ service, members: whole, bytes: whole, drills: whole },
      basis: maybe(fc.constantFrom(...estimateBases)),
      parts: few(fc.record({ part: fc.constantFrom(...estimatedParts), ...range })),
      ready: maybe(fc.record(range)),
    }),
  ),
  whole: maybe(fc.record(range)),
  past: maybe(fc.record({ drills: whole, meanError: ms })),
});

const ofDrill: fc.Arbitrary<Journal> = fc.record({
  format: fc.constant('firedrill-journal' as const),
  version: fc.constant(1 as const),
  drill: fc.record({
    id: fc.constant('20261122T021500Z-nightly'),
    name: anyText,
    startedAt: instant,
    finishedAt: instant,
    asOf: instant,
    vault: anyText,
    services: few(service),
  }),
  verdict: fc.record({ verdict: verdictWord, sentence: anyText }),
  exitStatus: whole,
  rto: fc.record({ objectiveMs: ms, usedMs: maybe(ms) }),
  ownCostMs: maybe(ms),
  worstMs: maybe(ms),
  skewMs: maybe(ms),
  lastGood: few(lastGood),
  excursions: few(excursion),
  planted: maybe(planted),
  services: few(serviceRecord),
  checks: fc.array(check, { maxLength: 8 }),
  phases: few(fc.record({ service: maybe(service), phase: fc.constantFrom(...phases), startMs: ms, endMs: ms })),
  native: few(
    fc.record(
      { service, label: anyText, startMs: ms, endMs: ms, bytes: whole },
      { requiredKeys: ['service', 'label', 'startMs', 'endMs'] },
    ),
  ),
  isolation: few(
    fc.record({
      what: anyText,
      expected: fc.constantFrom('unreachable', 'reachable', 'absent'),
      found: anyText,
      ok: fc.boolean(),
    }),
  ),
  environment: fc.record({
    firedrill: anyText,
    node: anyText,
    docker: maybe(anyText),
    host: anyText,
    cpus: whole,
    memoryBytes: whole,
    peakMemoryBytes: whole,
  }),
  notes: few(anyText),
});

const applications = fc.array(
  fc.record({
    application: service,
    services: few(service),
    image: maybe(fc.record({ name: anyText, id: anyText, digest: maybe(anyText) })),
    readyMs: maybe(ms),
    steps: fc.record({ expected: whole, taken: whole }),
  }),
  { minLength: 1, maxLength: 3 },
);

/** Any journal that the schema accepts. */
export const anyJournal: fc.Arbitrary<Journal> = fc
  .tuple(ofDrill, maybe(restore), maybe(estimate), maybe(applications))
  .map(([journal, restored, estimated, tried]) => ({
    ...journal,
    ...(restored && { restore: restored }),
    ...(estimated && { estimate: estimated }),
    ...(tried && { applications: tried }),
  }));
