import { type CheckId, type CheckResult, type Comparison, Look, notRun } from '../../src/model/check.ts';
import type { Journal, MemberRecord, PhaseRecord, ServiceRecord } from '../../src/model/journal.ts';
import { sampleJournal } from './journal.ts';

const hourMs = 3_600_000;

interface Demo {
  service: string;
  engine: string;
  title: string;
  version: string;
  readyMs: number;
  bytes: number;
  rpoMs: number;
  standIn: boolean;
  basis: string | null;
  subjects: string;
  n: number;
  compared: [string, string][];
  checks: readonly CheckId[];
}

const demos: Demo[] = [
  {
    service: 'agama',
    engine: 'mysql',
    title: 'MySQL',
    version: '9.7.4',
    readyMs: 41_870,
    bytes: 71_303_168,
    rpoMs: hourMs,
    standIn: false,
    basis: 'orders.created_at',
    subjects: 'tables',
    n: 14,
    compared: ['customers 120,000', 'orders 480,113', 'order_lines 1,204,556', 'item 50,000', 'invoices 96,004']
      .map((each): [string, string] => [`rows of agama.${each.split(' ')[0]}`, each.split(' ')[1] ?? ''])
      .concat([['digest of agama.orders', 'b1946ac92492d2347c6235b4d2611184a9f0c3d7b1946ac92492d2347c6235b4']]),
    checks: ['completeness', 'format', 'restore-run', 'schema', 'accounts', 'rows', 'content', 'semantics'],
  },
  {
    service: 'telegraf',
    engine: 'influxdb',
    title: 'InfluxDB',
    version: '1.6.7',
    readyMs: 22_410,
    bytes: 48_234_496,
    rpoMs: 24 * hourMs,
    standIn: false,
    basis: 'time of syslog',
    subjects: 'measurements',
    n: 9,
    compared: Array.from({ length: 18 }, (_, i): [string, string] => [
      `points of cpu on 2026-11-${i + 5}`,
      `${8640 + i}`,
    ]),
    checks: ['completeness', 'format', 'restore-run', 'inventory'],
  },
  {
    service: 'latency',
    engine: 'influxdb',
    title: 'InfluxDB',
    version: '1.6.7',
    readyMs: 9_120,
    bytes: 3_145_728,
    rpoMs: 24 * hourMs,
    standIn: false,
    basis: 'time of ping',
    subjects: 'measurements',
    n: 2,
    compared: [['points of ping', '40,320']],
    checks: ['completeness', 'format', 'restore-run', 'inventory'],
  },
  {
    service: 'grafana',
    engine: 'grafana',
    title: 'Grafana',
    version: '7.5.17',
    readyMs: 6_040,
    bytes: 1_258_291,
    rpoMs: 24 * hourMs,
    standIn: true,
    basis: null,
    subjects: 'dashboards',
    n: 12,
    compared: [['dashboards of organisation Main Org.', '12']],
    checks: ['completeness', 'format', 'restore-run', 'inventory', 'secrets'],
  },
];

/** A drill of the four services as it might go on any night; `change` makes another one of it. */
export function demoJournal(change: Partial<Journal> = {}): Journal {
  return sampleJournal({
    drill: { ...sampleJournal().drill, services: demos.map((each) => each.service) },
    verdict: {
      verdict: 'pass',
      sentence:
        'All 4 services were restored in 41.9 s of 30 m, with the data of 2026-11-22 01:30 UTC; 49 checks passed.',
    },
    rto: { objectiveMs: 1_800_000, usedMs: 41_870 },
    ownCostMs: 2_140,
    worstMs: 41_870,
    skewMs: 61_000,
    lastGood: [],
    excursions: [],
    services: demos.map(serviceOf),
    checks: [...whole(), ...demos.flatMap(resultsOf)],
    phases: phasesOf(),
    native: demos.flatMap(({ service, readyMs }) => [
      { service, label: 'server start', startMs: 900, endMs: 900 + readyMs / 5 },
      { service, label: 'load', startMs: 1_000 + readyMs / 5, endMs: readyMs - 200 },
    ]),
    isolation: [
      { what: 'network devices other than loopback', expected: 'absent', found: 'none', ok: true },
      { what: 'the probe itself, on loopback', expected: 'reachable', found: 'answered by the kernel', ok: true },
      { what: '172.17.0.1:45123', expected: 'unreachable', found: 'network is unreachable', ok: true },
      { what: '2001:db8::1:443', expected: 'unreachable', found: 'cannot assign requested address', ok: true },
      { what: 'the name example.com', expected: 'unreachable', found: 'does not resolve', ok: true },
    ],
    notes: ['grafana was judged by a stand-in (7.5.17), not by a real Grafana'],
    ...change,
  });
}

function serviceOf({ service, engine, title, version, readyMs, bytes, rpoMs, standIn, basis }: Demo): ServiceRecord {
  return {
    service,
    engine,
    title,
    set: 'backup-2026-11-22',
    members: [memberOf(service, version, bytes)],
    restoredTo: basis === null ? null : { at: '2026-11-22T01:29:58.120Z', basis },
    rpo: { objectiveMs: rpoMs, measuredMs: 2_699_000 },
    heartbeat: { id: '5f0c', at: '2026-11-22T01:29:58.000Z' },
    largestGapMs: rpoMs - 1_000,
    panelsWithData: null,
    readyMs,
    image: {
      name: `${engine}:${version}`,
      id: `sha256:${'7c'.repeat(32)}`,
      digest: standIn ? null : `${engine}@sha256:${'a1'.repeat(32)}`,
      engineVersion: version,
      standIn,
    },
  };
}

function memberOf(service: string, engineVersion: string, bytes: number): MemberRecord {
  return {
    id: 'full-20261122T013000Z',
    kind: 'full',
    manifestSha256: 'ab'.repeat(32),
    bytes,
    artifacts: 7,
    startedAt: '2026-11-22T01:30:00.000Z',
    dataAt: '2026-11-22T01:30:01.000Z',
    finishedAt: '2026-11-22T01:30:20.000Z',
    sourceHost: `docker:${service}-db`,
    engineVersion,
    tools: { dump: engineVersion, zstd: '1.5.4' },
  };
}

const general: readonly CheckId[] = ['set-age', 'manifest', 'provenance', 'versions', 'freshness', 'rpo'];

function resultsOf({ service, subjects, n, compared, checks }: Demo): CheckResult[] {
  const comparisons: Comparison[] = compared.map(([what, value]) => ({ what, expected: value, found: value }));
  const own = checks.map((check) => new Look(check, service, subjects, n).sawOne(n).result());
  const last = own.find((each) => each.check === 'rows' || each.check === 'inventory');
  last?.comparisons.push(...comparisons);
  const others = general.map((check) => new Look(check, service, 'members', 1).sawOne().result());
  others.at(-1)?.comparisons.push({ what: 'data that would be lost', expected: 'at most 1 h', found: '44 m 59 s' });
  return [...others, ...own];
}

const whole = () => [
  new Look('coverage', null, 'services', 4).sawOne(4).result(),
  new Look('isolation', null, 'probes', 5).sawOne(5).result(),
  new Look('rto', null, 'services', 4).sawOne(4).compare('restore time', 'at most 30 m', '41.9 s').result(),
  new Look('self-check', null, 'declared checks', 47).sawOne(47).result(),
];

function phasesOf(): PhaseRecord[] {
  return [
    { service: null, phase: 'plan', startMs: 0, endMs: 40 },
    { service: null, phase: 'boot', startMs: 210, endMs: 880 },
    { service: null, phase: 'check', startMs: 41_900, endMs: 43_400 },
    { service: null, phase: 'dispose', startMs: 58_800, endMs: 60_400 },
    ...demos.flatMap(({ service, readyMs }): PhaseRecord[] => [
      { service, phase: 'fetch', startMs: 40, endMs: 205 },
      { service, phase: 'restore', startMs: 885, endMs: readyMs },
      { service, phase: 'check', startMs: 41_900, endMs: 41_900 + readyMs * 0.4 },
    ]),
  ];
}

/** One row is missing, one file is damaged: agama came back incomplete and telegraf not at all. */
export function failedDemoJournal(): Journal {
  const good = demoJournal();
  const services = good.services.map((each) =>
    each.service === 'telegraf' ? { ...each, readyMs: null, restoredTo: null } : each,
  );
  return demoJournal({
    verdict: {
      verdict: 'fail',
      sentence:
        'The backup is not good: telegraf: artifact telegraf.00042.tar.zst of backup-2026-11-22/telegraf/full-20261122T013000Z is not what was sealed (and 1 further finding).',
    },
    exitStatus: 3,
    rto: { objectiveMs: 1_800_000, usedMs: null },
    ownCostMs: null,
    services,
    checks: good.checks.map(failing),
    phases: good.phases.filter((each) => each.service !== 'telegraf' || each.phase !== 'check'),
  });
}

function failing(result: CheckResult): CheckResult {
  const { service, check } = result;
  if (service === 'agama' && check === 'rows') {
    const look = new Look(check, service, 'tables', 14).sawOne(14);
    for (const { what, expected } of result.comparisons)
      look.compare(what, expected, what.endsWith('.orders') && what.startsWith('rows') ? '480,112' : expected);
    return look
      .fail({
        sentence: 'agama: table agama.orders has 480,112 rows, the backup was made of 480,113',
        expected: '480,113 rows',
        found: '480,112 rows',
        next: 'firedrill drill --service agama --at 2026-11-15T01:30:00Z',
      })
      .result();
  }
  if (check === 'rto') return notRun(check, service, 'not looked at, because manifest had not passed');
  if (service !== 'telegraf') return result;
  if (check === 'manifest') {
    return new Look(check, service, 'artifacts', 7)
      .sawOne(7)
      .fail({
        sentence:
          'telegraf: artifact telegraf.00042.tar.zst of backup-2026-11-22/telegraf/full-20261122T013000Z is not what was sealed',
        expected: 'sha256 b1946ac92492d2347c6235b4d2611184a9f0c3d7b1946ac92492d2347c6235b4',
        found: 'sha256 0f343b0931126a20f133d67c2b018a3b0f343b0931126a20f133d67c2b018a3b',
        next: 'Do not use this member. Run: firedrill verify',
      })
      .result();
  }
  if (general.includes(check) && check !== 'freshness') return result;
  return notRun(check, service, 'not looked at, because manifest had not passed');
}

/** Docker did not answer: nothing was restored, and nothing is known. */
export function unclearDemoJournal(): Journal {
  const good = demoJournal();
  const sentence = 'cannot ask for the version: Docker does not answer at /var/run/docker.sock (ECONNREFUSED)';
  const next = 'Start Docker, then run the drill again. Run: firedrill doctor';
  return demoJournal({
    verdict: { verdict: 'inconclusive', sentence: `The drill could not judge the backup: ${sentence}.` },
    exitStatus: 4,
    rto: { objectiveMs: 1_800_000, usedMs: null },
    ownCostMs: null,
    services: good.services.map((each) => ({ ...each, readyMs: null, restoredTo: null, image: null })),
    checks: [
      ...good.checks.filter((each) => each.check === 'coverage' || each.check === 'provenance'),
      new Look('restore-run', null, 'restores', 1).sawOne().couldNot({ sentence, next }).result(),
      ...good.checks
        .filter((each) => !['coverage', 'provenance'].includes(each.check))
        .map(({ check, service }) => notRun(check, service, 'not looked at, because restore-run had not passed')),
    ],
    phases: good.phases.filter((each) => each.phase === 'plan' || each.phase === 'fetch' || each.phase === 'boot'),
    native: [],
    isolation: [],
    notes: [],
    environment: { ...good.environment, docker: null },
  });
}

/** The application was run on what came back; `works`: it did. */
export function triedDemoJournal(works: boolean): Journal {
  const good = demoJournal();
  const look = new Look('application', 'todo', 'steps', 4).sawOne(works ? 4 : 3);
  look.compare('is ready', 'within 1 m', 'within 1 m');
  for (const [what, text] of [
    ['1. GET /', 'contains Things to do'],
    ['2. POST /items', 'status 200'],
  ] as const) {
    look.compare(what, text, text);
  }
  const wanted = 'contains buy drill-0123456789abcdef';
  look.compare('3. GET /', wanted, works ? wanted : '<!doctype html> <title>Agama: things to do</title>');
  const sentence = 'todo: step 3, GET /, did not answer as it must';
  if (!works) {
    const found = '<!doctype html>\nits last words:\nGET /: Error: Duplicate entry <1>';
    const next = 'Look at what the application needs of its data, then run: firedrill drill';
    look.fail({ sentence, expected: wanted, found, next });
  }
  const opening = 'The restored data passed its checks, and the application does not work on it';
  return demoJournal({
    ...(works ? {} : { verdict: { verdict: 'fail', sentence: `${opening}: ${sentence}.` }, exitStatus: 3 }),
    checks: [...good.checks, look.result()],
    phases: [...good.phases, { service: 'todo', phase: 'application', startMs: 44_000, endMs: 58_700 }],
    applications: [
      {
        application: 'todo',
        services: ['agama'],
        image: { name: 'todo:1', id: `sha256:${'5e'.repeat(32)}`, digest: null },
        readyMs: 1_240,
        steps: { expected: 3, taken: 3 },
      },
    ],
  });
}
