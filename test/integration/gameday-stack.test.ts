import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Stack } from '../../src/flow/gameday/stack.ts';
import type { ScenarioCheck } from '../../src/model/scenario.ts';
import { testActivity } from '../support/activity.ts';
import { firedrill } from '../support/firedrill.ts';
import { leftOf, raisedElsewhere, stackCompany } from '../support/stack-company.ts';

const sqlCheck = (name: string, sql: string, more: Partial<ScenarioCheck> = {}): ScenarioCheck => ({
  ...{ service: 'agama', name, question: { sql }, expectation: {}, withinMs: 30_000, asBefore: false },
  ...more,
});
const items = sqlCheck('the items', 'SELECT id, value FROM shop.item ORDER BY id', { asBefore: true });
const enough = sqlCheck('enough', 'SELECT COUNT(*) FROM shop.item', { expectation: { min: 3 } });

describe('the stack of a game day', function () {
  this.timeout(400_000);
  const id = `20261129T000000Z-test-${process.pid}`;
  const activity = testActivity();
  let company: Awaited<ReturnType<typeof stackCompany>>;
  let stack: Stack;
  const run = (...args: string[]) =>
    firedrill(['--config', stack.configFile, ...args], { cwd: company.folder, main: 'real' });
  const statements = (text: string) => stack.act({ do: 'statements', service: 'agama', text }, activity);

  before(async () => {
    company = await stackCompany();
    const folder = join(company.folder, 'gamedays', id);
    stack = await raisedElsewhere({ ...company, id, folder, services: ['agama'], replicas: ['agama'] });
  });
  after(async () => {
    await stack?.dispose();
    await company?.[Symbol.asyncDispose]();
  });

  it('is there after the process that raised it was killed, and is sealed from the world', () => {
    expect(stack.services).to.have.lengthOf(1);
    expect(stack.services[0]).to.include({
      service: 'agama',
      engine: 'mysql',
      container: `firedrill-${id}-agama`,
      standIn: false,
    });
    expect(stack.services[0]?.engineVersion).to.match(/^9\.7/);
    expect(stack.isolation.every(({ ok }) => ok)).to.equal(true);
    expect(stack.isolation.map(({ what }) => what)).to.include.members([
      'routes',
      '192.0.2.10:3306',
      'the name db2.example.com',
    ]);
  });

  it('has a configuration, keys and vaults of its own, and secrets that nobody else may read', async () => {
    const text = await readFile(stack.configFile, 'utf8');
    expect(text).to.contain(`docker: firedrill-${id}-agama`);
    expect(text).to.contain(join(company.folder, 'secrets/app.txt')).and.not.contain('mail').and.not.contain('targets');
    for (const name of ['firedrill.yaml', 'secrets/agama.txt', 'keys/signing.key', 'stack.json']) {
      expect((await stat(join(stack.folder, name))).mode & 0o077, name).to.equal(0);
    }
    const checked = await run('config', 'check');
    expect(checked.status, checked.stderr).to.equal(0);
  });

  it('answers, is backed up and drilled by the ordinary commands, and loses a table', async () => {
    const before = await stack.ask([items, enough], undefined, activity);
    expect(before.map(({ holds, found }) => [holds, found])).to.deep.equal([
      [true, `1\\x09bread\\x0a2\\x09milk\\x0a3\\x09salt ${before[0]?.found.slice(-26)}`],
      [true, '3'],
    ]);
    await stack.act({ do: 'backup', services: ['agama'], full: true }, activity);
    await statements('INSERT INTO shop.orders VALUES (3, 1); DROP TABLE shop.orders, shop.item');
    const [lost, refused] = await stack.ask([items, enough], before, activity);
    expect(lost).to.include({ holds: false });
    expect(refused?.found).to.match(/^no answer: .*shop\.item' doesn't exist/);
    const restored = await run(
      'restore',
      'agama',
      '--to',
      'source',
      '--reason',
      'deleted-data',
      '--replace',
      '--confirm',
      'agama',
    );
    expect(restored.status, restored.stderr + restored.stdout).to.equal(0);
    expect((await stack.ask([items, enough], before, activity)).map(({ holds }) => holds)).to.deep.equal([true, true]);
  });

  it('leaves no container and no volume when it is disposed of, and tells each; safe twice', async () => {
    const said = await stack.dispose();
    expect(
      said.every(({ ok }) => ok),
      JSON.stringify(said),
    ).to.equal(true);
    expect(said.map(({ what }) => what)).to.include.members([
      `container firedrill-${id}-agama`,
      `volume firedrill-${id}-agama-replica`,
    ]);
    expect(await leftOf(id)).to.deep.equal([]);
    expect(await stack.dispose()).to.deep.equal([]);
  });
});
