import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { publicHalf, signatureFault, signBody } from '../../../src/kit/signature.ts';
import {
  headOf,
  type LedgerEvidence,
  ledgerProblems,
  nextReceipt,
  parseReceipt,
  receiptLine,
} from '../../../src/model/ledger.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const others = generateKeyPairSync('ed25519');
const trusted = [publicHalf(privateKey)];

const hashOf = (i: number) => i.toString(16).padStart(64, '0');
const drillOf = (i: number) => `202611${String(10 + i)}T021500Z-nightly`;

/** A ledger of `count` drills, and the journals that belong to it. */
function ledger(count: number, key: typeof privateKey | null = privateKey): LedgerEvidence {
  const lines: string[] = [];
  const journals = new Map<string, string | null>();
  for (let i = 0; i < count; i += 1) {
    const journal = { drill: drillOf(i), verdict: 'pass', startedAt: '2026-11-22T02:15:00.000Z' } as const;
    const body = nextReceipt(lines, { ...journal, journalSha256: hashOf(i), adopted: false });
    lines.push(receiptLine(body, key && signBody(body, key)));
    journals.set(drillOf(i), hashOf(i));
  }
  const faultOf: LedgerEvidence['faultOf'] = (body, signature) => signatureFault(body, signature, trusted);
  return { lines, journals, faultOf, isCut: false };
}

const withLines = (evidence: LedgerEvidence, change: (lines: string[]) => void): LedgerEvidence => {
  const lines = [...evidence.lines];
  change(lines);
  return { ...evidence, lines };
};

describe('the ledger of journals', () => {
  it('is whole when each receipt has its journal and each journal its receipt', () => {
    for (const count of [0, 1, 5]) expect(ledgerProblems(ledger(count))).to.deep.equal([]);
    expect(ledgerProblems(ledger(3, null)), 'not signed').to.deep.equal([]);
  });

  it('notices a journal that was changed, removed, or put in', () => {
    const problems = (change: (journals: Map<string, string | null>) => void) => {
      const evidence = ledger(3);
      const journals = new Map(evidence.journals);
      change(journals);
      return ledgerProblems({ ...evidence, journals });
    };
    expect(problems((journals) => journals.set(drillOf(1), hashOf(9)))).to.deep.equal([
      `receipt 2 of ${drillOf(1)}: its journal was changed`,
    ]);
    expect(problems((journals) => journals.set(drillOf(1), null))).to.deep.equal([
      `receipt 2 of ${drillOf(1)}: its journal cannot be read`,
    ]);
    expect(problems((journals) => journals.delete(drillOf(1)))).to.deep.equal([
      `receipt 2 of ${drillOf(1)}: its journal is not there`,
    ]);
    expect(problems((journals) => journals.set(drillOf(7), hashOf(7)))).to.deep.equal([
      `the journal of ${drillOf(7)} has no receipt`,
    ]);
  });

  it('notices a receipt that was removed, moved, doubled or put in', () => {
    const problems = (change: (lines: string[]) => void) => ledgerProblems(withLines(ledger(3), change)).join('\n');
    expect(problems((lines) => lines.splice(1, 1))).to.match(/receipt 3 .*: it stands at place 2\n.*does not follow/);
    expect(problems((lines) => lines.reverse())).to.match(/does not follow the receipt before it/);
    expect(problems((lines) => lines.push(lines[2] as string))).to.match(/has a receipt already/);
    expect(
      problems((lines) => lines.pop()),
      'its journal shows it',
    ).to.match(/the journal of \S+ has no receipt/);
    expect(problems((lines) => lines.splice(1, 0, 'nothing'))).to.match(/^line 2 of the ledger is no receipt\n/);
  });

  it('notices a signature that does not fit, of another key, or left out', () => {
    const evidence = ledger(3);
    const resigned = (key: typeof privateKey | null, verdict: 'pass' | 'fail') =>
      withLines(evidence, (lines) => {
        const { signature, ...body } = parseReceipt(lines[2] as string) ?? expect.fail();
        const changed = { ...body, verdict };
        lines[2] = receiptLine(changed, key === privateKey ? signature : key && signBody(changed, key));
      });
    expect(ledgerProblems(resigned(privateKey, 'fail')).join()).to.match(/its signature by key \w+ does not fit/);
    expect(ledgerProblems(resigned(others.privateKey, 'pass')).join()).to.match(/not among the trusted keys/);
    expect(ledgerProblems(resigned(null, 'pass')).join()).to.match(/it is not signed, and receipts before it are$/);
  });

  it('notices a tail that was cut with its journals only by a head that was noted', () => {
    const [whole, cut] = [ledger(5), ledger(3)];
    expect(ledgerProblems(cut)).to.deep.equal([]);
    const pinned = headOf(whole.lines) ?? '';
    expect(ledgerProblems({ ...whole, pinned })).to.deep.equal([]);
    expect(ledgerProblems({ ...whole, pinned: headOf(cut.lines) ?? '' }), 'an older head').to.deep.equal([]);
    expect(ledgerProblems({ ...cut, pinned })).to.deep.equal([
      `no receipt has the hash ${pinned}: the ledger was cut or changed since that was noted`,
    ]);
  });

  it('says that its last line is not whole', () => {
    expect(ledgerProblems({ ...ledger(2), isCut: true })).to.deep.equal([
      'the last line of the ledger is not whole; the next drill mends that',
    ]);
  });

  it('notices any change of any character, whether or not it is signed', () => {
    const change = fc.tuple(
      fc.nat(),
      fc.nat(),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(change, ([line, at, character, signed]) => {
        const evidence = ledger(4, signed ? privateKey : null);
        const pinned = headOf(evidence.lines) ?? '';
        const index = line % evidence.lines.length;
        const text = evidence.lines[index] as string;
        const position = at % text.length;
        const changed = text.slice(0, position) + character + text.slice(position + 1);
        fc.pre(changed !== text);
        const spoiled = withLines({ ...evidence, pinned }, (lines) => {
          lines[index] = changed;
        });
        expect(ledgerProblems(spoiled)).to.not.deep.equal([]);
      }),
    );
  });
});
