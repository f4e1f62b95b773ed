import { execFileSync } from 'node:child_process';
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { z } from 'zod';
import type { Journal } from '../../../src/model/journal.ts';
import { journalSchema } from '../../../src/model/journal-schema.ts';
import { maxJournalBytes, readJournal } from '../../../src/report/read-journal.ts';
import { anyJournal } from '../../support/arbitrary-journal.ts';
import { demoJournal, failedDemoJournal } from '../../support/demo-journal.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scratchFolder } from '../../support/scratch.ts';

// Held by the compiler: what the schema lets through is a journal, and every journal is let through.
type Parsed = z.infer<typeof journalSchema>;
const same = { asJournal: (parsed: Parsed): Journal => parsed, asParsed: (journal: Journal): Parsed => journal };

describe('journalSchema', () => {
  it('lets every journal through unchanged', () => {
    fc.assert(
      fc.property(anyJournal, (journal) => {
        expect(same.asJournal(journalSchema.parse(same.asParsed(journal)))).to.deep.equal(journal);
      }),
    );
  });

  it('notices each field that is missing', () => {
    const journal = failedDemoJournal();
    for (const key of Object.keys(journal)) {
      expect(journalSchema.safeParse({ ...journal, [key]: undefined }).success, key).to.equal(false);
    }
  });

  it('refuses an id that would be a path', () => {
    const { drill } = demoJournal();
    for (const id of ['../../etc', '20261122T021500Z-a/b', '20261122T021500Z-..', '', '20261122T021500Z-a\n']) {
      expect(journalSchema.safeParse(demoJournal({ drill: { ...drill, id } })).success, id).to.equal(false);
    }
  });
});

describe('readJournal', () => {
  const refusal = async (content: string) => {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'journal.json');
    await writeFile(file, content);
    return rejectionOf(readJournal(file));
  };

  it('reads what was written', async () => {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'journal.json');
    await writeFile(file, JSON.stringify(failedDemoJournal()));
    expect(await readJournal(file)).to.deep.equal(failedDemoJournal());
  });

  it('names a file that is cut off, empty or something else', async () => {
    for (const content of [JSON.stringify(demoJournal()).slice(0, -10), '', '\u0000', 'PK\u0003\u0004']) {
      const error = await refusal(content);
      expect(error).to.include({ code: 'JOURNAL_INVALID', exit: 1 });
      expect(error.message).to.match(/journal\.json is damaged: it is not JSON/);
    }
  });

  it('names the fields that are wrong, without escapes in them', async () => {
    const wrong = { ...demoJournal(), version: 2, rto: { objectiveMs: '30 m', usedMs: -1 } };
    const { message, detail } = await refusal(JSON.stringify(wrong));
    expect(message).to.match(/is not a journal of this version/);
    expect(detail.map((each) => each.split(':')[0])).to.deep.equal(['version', 'rto.objectiveMs', 'rto.usedMs']);
    const { detail: hostile } = await refusal(JSON.stringify({ ...demoJournal(), format: '\u001b[2J' }));
    expect(hostile.join()).to.not.contain('\u001b');
  });

  it('says that there is none, that it is no file, and that it is too large', async () => {
    await using folder = await scratchFolder();
    const at = (name: string) => join(folder.path, name);
    expect((await rejectionOf(readJournal(at('none')))).message).to.match(/none does not exist$/);
    await mkdir(at('folder'));
    expect((await rejectionOf(readJournal(at('folder')))).message).to.match(/folder is not a file$/);
    execFileSync('mkfifo', [at('pipe')]);
    expect((await rejectionOf(readJournal(at('pipe')))).message).to.match(/pipe is not a file$/);
    await symlink(at('loop'), at('loop'));
    expect((await rejectionOf(readJournal(at('loop')))).message).to.match(/cannot be read \(ELOOP\)/);
    await writeFile(at('huge'), '');
    await truncate(at('huge'), maxJournalBytes + 1);
    expect((await rejectionOf(readJournal(at('huge')))).message).to.match(/is larger than 64\.0 MiB/);
  });
});
