import { appendFile, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { signatureFault } from '../../../src/kit/signature.ts';
import type { Journal } from '../../../src/model/journal.ts';
import { headOf, ledgerProblems, parseReceipt } from '../../../src/model/ledger.ts';
import { journalHashes, keepReceipt, readLedger } from '../../../src/report/ledger.ts';
import { writeReports } from '../../../src/report/write-reports.ts';
import { failedJournal, sampleJournal } from '../../support/journal.ts';
import { testKeys, trusted } from '../../support/member.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scratchFolder } from '../../support/scratch.ts';

const journalOf = (day: number, journal: Journal = sampleJournal()): Journal => ({
  ...journal,
  drill: { ...journal.drill, id: `202611${day}T021500Z-nightly` },
});

/** A reports' folder, drills that write into it, and what `ledger verify` would find there. */
async function reports() {
  const scratch = await scratchFolder();
  const folder = join(scratch.path, 'reports');
  const write = async (journal: Journal) => basename((await writeReports(journal, folder)).folder);
  return {
    folder,
    ledger: join(folder, 'ledger.jsonl'),
    write,
    drill: async (journal: Journal) => keepReceipt(folder, await write(journal), testKeys.privateKey),
    problems: async () => {
      const faultOf: Parameters<typeof ledgerProblems>[0]['faultOf'] = (body, signature) =>
        signatureFault(body, signature, trusted);
      return ledgerProblems({ ...(await readLedger(folder)), journals: await journalHashes(folder), faultOf });
    },
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}

describe('keepReceipt', () => {
  it('appends a signed receipt for each drill, and changes no line that is there', async () => {
    await using given = await reports();
    const first = await given.drill(journalOf(22));
    const before = await readFile(given.ledger, 'utf8');
    const second = await given.drill(journalOf(23, failedJournal()));
    const text = await readFile(given.ledger, 'utf8');
    expect(text.startsWith(before) && text.endsWith('\n')).to.equal(true);
    const { lines } = await readLedger(given.folder);
    expect(lines.map((line) => parseReceipt(line)?.verdict)).to.deep.equal(['pass', 'fail']);
    expect([first, second].map(({ number, signed, adopted }) => [number, signed, adopted])).to.deep.equal([
      [1, true, []],
      [2, true, []],
    ]);
    expect([first.head, second.head]).to.deep.equal([headOf(lines.slice(0, 1)), headOf(lines)]);
    expect(await given.problems()).to.deep.equal([]);
  });

  it('is not signed where there is no key', async () => {
    await using given = await reports();
    const kept = await keepReceipt(given.folder, await given.write(journalOf(22)), undefined);
    expect(kept).to.include({ number: 1, signed: false });
    expect(await given.problems()).to.deep.equal([]);
  });

  it('gives a receipt to a journal whose run was cut off before, and says so in it', async () => {
    await using given = await reports();
    await given.write(journalOf(22));
    expect(await given.problems()).to.deep.equal(['the journal of 20261122T021500Z-nightly has no receipt']);
    const kept = await given.drill(journalOf(23));
    expect(kept).to.deep.include({ number: 2, adopted: ['20261122T021500Z-nightly'] });
    const { lines } = await readLedger(given.folder);
    expect(lines.map((line) => parseReceipt(line)?.adopted)).to.deep.equal([true, false]);
    expect(await given.problems()).to.deep.equal([]);
  });

  it('mends a line that was cut off, wherever that was', async () => {
    await using given = await reports();
    await given.drill(journalOf(20));
    const before = (await readFile(given.ledger)).length;
    await given.drill(journalOf(21));
    const whole = await readFile(given.ledger);
    for (const bytes of [before + 1, before + 100, whole.length - 1]) {
      await writeFile(given.ledger, whole);
      await truncate(given.ledger, bytes);
      expect((await given.problems()).join('\n')).to.match(/not whole[\s\S]*21T021500Z-nightly has no receipt/);
      await keepReceipt(given.folder, '20261121T021500Z-nightly', testKeys.privateKey);
      expect(await readFile(given.ledger), `cut after ${bytes} bytes`).to.deep.equal(whole);
      expect(await given.problems()).to.deep.equal([]);
    }
  });

  it('takes away nothing but the line that was cut off, whatever stands before it', async () => {
    await using given = await reports();
    await given.drill(journalOf(20));
    await appendFile(given.ledger, Buffer.from([0xff, 0xfe, 0x0a]));
    const before = await readFile(given.ledger);
    await appendFile(given.ledger, '{"cut');
    await given.drill(journalOf(21));
    const after = await readFile(given.ledger);
    expect(after.subarray(0, before.length).equals(before)).to.equal(true);
    expect(after.toString('utf8', before.length)).to.match(/^\{[^\n]*\}\n$/);
    expect((await given.problems())[0]).to.equal('line 2 of the ledger is no receipt');
  });

  it('lets drills that end at once each have one receipt', async () => {
    await using given = await reports();
    await Promise.all([21, 22, 23, 24].map((day) => given.drill(journalOf(day))));
    expect((await readLedger(given.folder)).lines).to.have.length(4);
    expect(await given.problems()).to.deep.equal([]);
    expect(await readdir(given.folder)).to.have.length(6);
  });

  it('gives none to what cannot be read, and stays whole', async () => {
    await using given = await reports();
    await mkdir(join(given.folder, '20261121T021500Z-nightly'), { recursive: true });
    await writeFile(join(given.folder, '20261121T021500Z-nightly', 'journal.json'), '{');
    await mkdir(join(given.folder, '20261120T021500Z-empty'));
    expect(await given.drill(journalOf(22))).to.include({ number: 1 });
    expect(await given.problems()).to.deep.equal(['the journal of 20261121T021500Z-nightly has no receipt']);
  });

  it('notices what is done to a journal, and that rendering it again does nothing to it', async () => {
    await using given = await reports();
    await given.drill(journalOf(22));
    await given.write(journalOf(22));
    expect(await given.problems()).to.deep.equal([]);
    await appendFile(join(given.folder, '20261122T021500Z-nightly', 'journal.json'), ' ');
    expect(await given.problems()).to.deep.equal(['receipt 1 of 20261122T021500Z-nightly: its journal was changed']);
  });

  it('says what to do when the ledger cannot be written', async () => {
    await using given = await reports();
    const drill = await given.write(journalOf(22));
    await mkdir(given.ledger);
    expect(await rejectionOf(keepReceipt(given.folder, drill, undefined))).to.include({ code: 'REPORT_WRITE' });
  });
});
