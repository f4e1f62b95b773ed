import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseMemberId } from '../../src/model/backup-set.ts';
import { journalsIn } from '../../src/report/history.ts';
import { elsewhereName } from '../demo/demo-folder.ts';
import type { MonthStep } from './month-plan.ts';

interface Mail {
  to: string[];
  parsed: { subject?: string | undefined; attachments: { filename?: string | undefined }[] };
}

const dayMs = 86_400_000;
const retentionDays: Record<string, number> = { agama: 56, telegraf: 56, latency: 28, grafana: 28 };

/** What a month must leave: a drill and a mail for each night, one failure, and in the vault what retention says. */
export async function judgeMonth(
  folder: string,
  steps: readonly MonthStep[],
  mails: readonly Mail[],
): Promise<string[]> {
  const wrong: string[] = [];
  const expect = (holds: boolean, sentence: string) => {
    if (!holds) wrong.push(sentence);
  };
  const drills = (await Array.fromAsync(journalsIn(join(folder, 'reports')))).reverse();
  const journals = drills.filter(({ drill }) => drill.name === 'nightly');
  const burned = drills.filter(({ drill }) => drill.name === 'building-burned');
  const nights = steps.filter((each) => each.isNight);
  const damaged = steps.filter((each) => each.isDamaged).map((each) => dateOf(each.at));
  const dates = journals.map((each) => each.drill.startedAt.slice(0, 10));
  expect(
    same(
      dates,
      nights.map((each) => dateOf(each.at)),
    ),
    `drilled on ${dates.join(', ')}`,
  );
  // What has never run is due at once; then on the first of each month.
  const fires = 1 + nights.filter((each) => each.at.getUTCDate() === 1).length;
  expect(burned.length === fires, `the building burned ${burned.length} times, not ${fires}`);
  const failures = drills.filter(({ verdict }) => verdict.verdict !== 'pass');
  expect(
    same(
      failures.map((each) => each.drill.startedAt.slice(0, 10)),
      damaged,
    ),
    `not passed: ${failures.map(({ drill, verdict }) => `${drill.id} ${verdict.sentence}`).join('; ')}`,
  );
  const subjects = mails.map(({ parsed }) => parsed.subject ?? '');
  expect(subjects.length === drills.length, `${subjects.length} mails for ${drills.length} drills`);
  for (const [i, { drill, verdict }] of drills.entries()) {
    const says = subjects[i]?.startsWith(`${verdict.verdict.toUpperCase()} `);
    expect(says === true, `the mail about ${drill.id}: ${subjects[i]}`);
  }
  expect(
    mails.every(({ parsed }) => parsed.attachments.some(({ filename }) => filename?.endsWith('.html'))),
    'a mail came without its report',
  );
  for (const [service, days] of Object.entries(retentionDays)) {
    const must = weeksOf(nights).filter(({ last }) => lastExpiryMs(steps) - last <= days * dayMs);
    for (const vault of ['vault', `${elsewhereName}/offsite`]) {
      const left = await setsOf(join(folder, vault), service);
      expect(
        same(
          left,
          must.map(({ set }) => set),
        ),
        `${vault}: of ${service} there are ${left.join(', ')}`,
      );
    }
  }
  await access(join(folder, 'reports/index.html')).catch(() => wrong.push('there is no index of the reports'));
  return wrong;
}

const dateOf = (at: Date) => at.toISOString().slice(0, 10);
const same = (a: readonly string[], b: readonly string[]) => JSON.stringify(a) === JSON.stringify(b);

/** Old chains go after each drill that has passed: the last one is the last step but the noon's. */
const lastExpiryMs = (steps: readonly MonthStep[]) => steps.at(-2)?.at.getTime() ?? 0;

/** Sets that hold something of a service. */
async function setsOf(vault: string, service: string): Promise<string[]> {
  const names = (await readdir(vault, { recursive: true })).map((name) => name.split('/'));
  const members = names.filter(([, of, id]) => of === service && id !== undefined && parseMemberId(id));
  return [...new Set(members.map(([set = '']) => set))].sort();
}

/** Each week's set, and its newest backup's instant. */
function weeksOf(nights: readonly MonthStep[]): { set: string; last: number }[] {
  const weeks = Map.groupBy(nights, ({ at }) => `backup-${dateOf(new Date(at.getTime() - at.getUTCDay() * dayMs))}`);
  return [...weeks].map(([set, days]) => ({ set, last: Math.max(...days.map(({ at }) => at.getTime())) }));
}
