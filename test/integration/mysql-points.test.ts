import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { RestoreTarget } from '../../src/engines/engine.ts';
import { Session } from '../../src/engines/mysql/client.ts';
import { mysqlEngine } from '../../src/engines/mysql/mysql.ts';
import { blameSource } from '../../src/engines/mysql/source.ts';
import type { BackedUp } from '../../src/flow/backup.ts';
import { seeded } from '../../src/kit/random.ts';
import { type MysqlServer, mysqlServer } from '../support/mysql-server.ts';
import { mysqlVault } from '../support/mysql-vault.ts';
import { type DatabaseState, stateOf, Workload, workloadSchema } from '../support/mysql-workload.ts';

/** How many points are restored; each takes a few seconds. */
const points = Number(process.env.FIREDRILL_POINTS ?? 6);
const seed = Number(process.env.FIREDRILL_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** What the source held between two actions. */
interface Moment {
  /** After the action before it, and before the next one. */
  at: Date;
  state: DatabaseState;
  /** The one transaction after this moment; absent when the next action made none or several. */
  nextGtid?: string;
}

interface Point {
  what: string;
  started: Date;
  target?: RestoreTarget;
  expected: DatabaseState;
}

const betweenMs = 8;

describe(`restore points of a random workload (seed ${seed}: FIREDRILL_SEED)`, function () {
  this.timeout(120_000 + points * 60_000);
  let server: MysqlServer;

  before(async () => {
    server = await mysqlServer('mysql-points', ['--gtid-mode=ON', '--enforce-gtid-consistency=ON']);
    await server.sql("CREATE USER app@'%' IDENTIFIED BY 'app'; GRANT ALL ON *.* TO app@'%'");
  });
  after(() => server?.[Symbol.asyncDispose]());

  it(`are what the source had at that instant, exactly: ${points} points`, async () => {
    await using vault = await mysqlVault(server, ['shop']);
    const signal = new AbortController().signal;
    const stream = await vault.source.host.connect({ port: 3306 });
    await using session = await Session.open(
      { stream, isSocket: false },
      { user: 'app', password: 'app' },
      blameSource(vault.source),
      signal,
    );
    await session.runAll(workloadSchema);
    const random = seeded(seed);
    const workload = new Workload(random);
    const { moments, members } = await work(session, workload, 40 + points * 2, vault.backup);
    const chosen = choosePoints(random, moments, members);
    for (const point of chosen) {
      const restored = await vault.restored(point.started, point.target, (session) => stateOf(session, 'shop'));
      expect(restored, `seed ${seed}: ${point.what}`).to.deep.equal(point.expected);
    }
  });

  /** Runs the workload, with backups, log rotations and restarts of nothing between; the last action is followed by a backup. */
  async function work(
    session: Session,
    workload: Workload,
    actions: number,
    backup: (kind?: 'full') => Promise<BackedUp>,
  ) {
    const moments: Moment[] = [];
    const members: { member: BackedUp; state: DatabaseState }[] = [];
    const backUp = async (kind?: 'full') => {
      const member = await backup(kind);
      members.push({ member, state: await stateOf(session, 'shop') });
      expect(member.promoted).to.equal(null);
    };
    await backUp('full');
    const every = Math.max(6, Math.floor(actions / 12));
    for (let i = 1; i <= actions; i += 1) {
      await sleep(betweenMs);
      const moment: Moment = { at: new Date(), state: await stateOf(session, 'shop') };
      moments.push(moment);
      await sleep(betweenMs);
      const before = (await session.value('SELECT @@GLOBAL.gtid_executed')) ?? '';
      await session.runAll(workload.next());
      const executed = (await session.value(`SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, '${before}')`)) ?? '';
      if (/^[^:]+:\d+$/.test(executed)) moment.nextGtid = executed;
      if (workload.below(9) === 0) await session.run('FLUSH BINARY LOGS');
      if (i % every === 0 && i < actions) await backUp();
    }
    await backUp();
    return { moments, members };
  }

  function choosePoints(
    random: () => number,
    moments: readonly Moment[],
    members: readonly { member: BackedUp; state: DatabaseState }[],
  ): Point[] {
    const one = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
    const named = moments.filter((moment) => moment.nextGtid);
    return Array.from({ length: points }, (_, i) => {
      if (i % 6 === 4) {
        const { member, state } = one(members);
        return { what: `member ${member.id}`, started: new Date(member.manifest.startedAt), expected: state };
      }
      if (i % 6 === 2 || i % 6 === 5) {
        const { nextGtid: before = '', state } = one(named);
        const holder = members.find(({ member }) => mysqlEngine.increments?.holds?.(member.manifest, before));
        const started = new Date(holder?.member.manifest.startedAt ?? 0);
        return { what: `before ${before}`, started, target: { before }, expected: state };
      }
      const { at, state } = one(moments);
      return { what: `at ${at.toISOString()}`, started: at, target: { at }, expected: state };
    });
  }
});
