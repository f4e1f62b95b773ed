import { expect } from 'chai';
import { type FindOptions, runFindStatement } from '../../../src/cli/find-statement.ts';
import { findStatementLines } from '../../../src/cli/find-statement-lines.ts';
import type { AnyEngine, Increments } from '../../../src/engines/engine.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import type { DestructiveStatement } from '../../../src/model/destructive-statement.ts';
import { composedOf } from '../../support/composed.ts';
import { drillFixture } from '../../support/drill-fixture.ts';
import { type FileSettings, fileEngine } from '../../support/file-engine.ts';
import { rejectionOf } from '../../support/rejection.ts';

const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const at = (time: string) => `2026-11-22T${time}.000000Z`;
const drop: DestructiveStatement = { at: at('10:31:07'), name: `${uuid}:9`, kind: 'drop', what: 'DROP x', rows: null };

/** A vault of an increment, made at noon, in whose log these statements are. */
async function company(...statements: DestructiveStatement[]) {
  const given = await drillFixture();
  await given.backUpAt('one', '2026-11-22T01:30:00Z', 'a', 'full');
  await given.backUpAt('one', '2026-11-22T12:00:00Z', 'ab');
  const asked: number[] = [];
  const increments: Increments<FileSettings> = {
    ...(fileEngine.increments as Increments<FileSettings>),
    destructive: async function* (_, minRows) {
      asked.push(minRows);
      yield* statements;
    },
  };
  const composed = composedOf(given.vault, { ...fileEngine, increments } as AnyEngine, ['one']);
  const clock = { ...systemClock, now: () => new Date('2026-11-22T13:00:00Z') };
  const find = (options: Partial<FindOptions> = {}) =>
    runFindStatement(composed, { service: 'one', ...options }, new AbortController().signal, true, clock);
  return { find, asked, [Symbol.asyncDispose]: () => given[Symbol.asyncDispose]() };
}

describe('find-statement', () => {
  it('looks at the last day and at deletes of 100 rows by default, and proposes the newest with a name', async () => {
    const later = { ...drop, at: at('11:00:00'), name: `${uuid}:12`, kind: 'delete' as const, rows: 1234 };
    await using given = await company(drop, later, { ...drop, at: at('11:30:00'), kind: 'unseen', name: `${uuid}:13` });
    const found = await given.find();
    expect(found).to.include({ from: '2026-11-21T13:00:00.000Z', to: '2026-11-22T13:00:00.000Z', minRows: 100 });
    expect(given.asked).to.deep.equal([100]);
    expect(found.statements.map((each) => each.name?.slice(-3))).to.deep.equal(['2:9', ':12', ':13']);
    expect(found.next).to.equal(`firedrill drill --service one --at before:${uuid}:12`);
    const lines = findStatementLines(found, 200);
    expect(lines[0]).to.match(/^INSTANT +KIND +ROWS +WHAT +MEMBER +NAME$/);
    expect(lines[2]).to.match(
      /^2026-11-22T11:00:00\.000000Z +delete +1,234 +DROP x +incr-20261122T120000Z +3e11fa47.*:12$/,
    );
    expect(lines.at(-1)).to.equal(`next: ${found.next}`);
  });

  it('takes a range, and says that nothing was found in it', async () => {
    await using given = await company(drop);
    const found = await given.find({ from: '2026-11-22T10:31:08Z', to: '2026-11-22T11:00:00Z', minRows: '7' });
    expect(found).to.deep.include({ statements: [], next: null, minRows: 7 });
    expect(given.asked).to.deep.equal([7]);
    expect(findStatementLines(found, 80)).to.deep.equal([
      'one: nothing was found from 2026-11-22T10:31:08.000Z to 2026-11-22T11:00:00.000Z: no DROP, no TRUNCATE, and no DELETE of 7 rows or more',
    ]);
    expect((await given.find({ to: '2026-11-22T10:31:07Z' })).statements).to.have.length(1);
  });

  it('says that nothing covers a time', async () => {
    await using given = await company(drop);
    const error = await rejectionOf(given.find({ from: '2026-11-23T10:00:00Z', to: '2026-11-23T11:00:00Z' }));
    expect(error).to.include({ code: 'NO_SUCH_SET', exit: 10 });
  });

  it('makes no command and no terminal escape of what a log says', async () => {
    await using given = await company({ ...drop, name: 'x; reboot', what: `DROP\n TABLE \u001b[2J${'y'.repeat(500)}` });
    const found = await given.find();
    expect(found.next).to.equal(null);
    const [, line = '', next] = findStatementLines(found, 120);
    expect(line).to.contain('DROP TABLE \\x1b[2Jyyy');
    expect(line).to.have.length.below(121);
    expect(next).to.match(/none of these changes has a name/);
    expect(next).to.not.contain('reboot');
  });

  it('shows the newest thousand, and says how many it leaves out', async () => {
    const many = Array.from({ length: 3500 }, (_, i) => ({ ...drop, name: `${uuid}:${i}` }));
    await using given = await company(...many);
    const found = await given.find();
    expect([found.statements.length, found.leftOut]).to.deep.equal([1000, 2500]);
    expect(found.statements[0]?.name).to.equal(`${uuid}:2500`);
    expect(findStatementLines(found, 200).at(-2)).to.equal('2,500 older ones not shown: set --to earlier');
  });
});
