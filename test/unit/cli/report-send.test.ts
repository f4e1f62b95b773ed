import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { lastDayOf } from '../../../src/cli/report-send.ts';
import type { MailChannel } from '../../../src/flow/channels.ts';
import { wantedMail } from '../../../src/flow/mail-drill.ts';
import type { Journal } from '../../../src/model/journal.ts';
import { deliveriesFile, readDeliveries } from '../../../src/report/deliveries.ts';
import { readLedger } from '../../../src/report/ledger.ts';
import { type Says, startMailServer } from '../../support/mail-server.ts';
import { sampleServer } from '../../support/message.ts';
import { runInside } from '../../support/program.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { drillAt, reportsOf } from '../../support/reports.ts';

const channel: MailChannel = {
  ...{ server: sampleServer(1), from: { name: '', address: 'drill@example.com' }, responsible: '', on: 'always' },
  to: ['boss@example.com', 'ops@example.com'].map((address) => ({ name: '', address })),
  ...{ attachmentLimitBytes: 1e7, patienceMs: 3_000 },
};

const night = (date: string) => drillAt(`${date}T02:15:00.000Z`);

/** A configuration of these drills, and a mail server that answers so. */
async function given(journals: Journal[], says: Says = {}, mail?: string) {
  const reports = await reportsOf(...journals);
  const server = await startMailServer(says);
  const config = join(reports.root, 'firedrill.yaml');
  const smtp = `{ host: 127.0.0.1, port: ${server.port}, tls: none }`;
  await writeFile(
    config,
    `version: 1
keys: { public: [signing.pub] }
vaults: { onsite: { kind: directory, folder: vault } }
services:
  one: { engine: file, reach: local, rpo: 1h, retention: 7d, settings: { content: text } }
${mail ?? `mail: { from: drill@example.com, to: [boss@example.com, ops@example.com], patience: 3s, smtp: ${smtp} }`}
`,
  );
  return {
    ...{ reports, server },
    run: (...args: string[]) => runInside([...args, '--config', config]),
    at: (name: string) => join(reports.root, name),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await reports[Symbol.asyncDispose]();
    },
  };
}

describe('report send', function () {
  this.timeout(30_000);

  it('mails the newest drill, or the one that is named, and says who has accepted it', async () => {
    const [older, newest] = [night('2026-11-21'), night('2026-11-22')];
    await using all = await given([older, newest]);
    const { stdout, session } = await all.run('report', 'send');
    expect(stdout).to.equal('20261122T021500Z-nightly: accepted for boss@example.com, ops@example.com: 250 kept');
    expect(session.status).to.equal(0);
    await all.run('report', 'send', '20261121T021500Z-nightly');
    const dates = all.server.received.map(
      ({ parsed }) => /Restore drill nightly, (\S+ \d+ \w+)/.exec(parsed.text ?? '')?.[1],
    );
    expect(dates).to.deep.equal(['Sun 22 Nov', 'Sat 21 Nov']);
    expect(all.server.received[0]?.to).to.deep.equal(['boss@example.com', 'ops@example.com']);
    const json = await all.run('report', 'send', '--json');
    expect(JSON.parse(json.stdout)[0]).to.include({ about: '20261122T021500Z-nightly', error: null });
  });

  it('leaves journal and ledger as they are: deliveries stand beside them', async () => {
    const journal = night('2026-11-22');
    await using all = await given([journal]);
    const file = join(all.reports.of(journal), 'journal.json');
    const before = [await readFile(file, 'utf8'), await readLedger(all.reports.folder)];
    await all.run('report', 'send');
    expect([await readFile(file, 'utf8'), await readLedger(all.reports.folder)]).to.deep.equal(before);
    const { stdout, session } = await all.run('ledger', 'verify');
    expect(stdout).to.match(/1 receipt, 1 journal: whole/);
    expect(session.status).to.equal(0);
    expect(await readFile(join(all.reports.of(journal), deliveriesFile), 'utf8')).to.match(/"outcome":"accepted"/);
  });

  it('ends with 5 where it is refused, and sends it again with --missed, once', async () => {
    const journals = [night('2026-11-21'), night('2026-11-22')];
    await using all = await given(journals, { message: ['554 5.7.1 not today'] });
    const refused = await all.run('report', 'send');
    expect([refused.session.status, refused.stdout]).to.deep.equal([5, '']);
    const missed = await all.run('report', 'send', '--missed');
    expect(missed.stdout).to.match(/^20261122T021500Z-nightly: accepted for /);
    expect(missed.session.status).to.equal(0);
    expect((await all.run('report', 'send', '--missed')).stdout).to.equal('');
    expect(all.server.received).to.have.length(1);
  });

  it('keeps what one receiver’s server refuses from the other, and says who has it', async () => {
    await using all = await given([night('2026-11-22')], { receivers: { 'ops@example.com': ['550 5.1.1 unknown'] } });
    expect((await all.run('report', 'send', '--json')).session.status).to.equal(5);
    expect(all.server.received[0]?.to).to.deep.equal(['boss@example.com']);
    const [record] = await readDeliveries(join(all.reports.folder, '20261122T021500Z-nightly'));
    expect(record).to.deep.include({ outcome: 'partly', accepted: ['boss@example.com'], refused: ['ops@example.com'] });
    await all.run('report', 'send', '--missed');
    expect(all.server.received[1]?.to).to.deep.equal(['ops@example.com']);
    expect(all.server.received[1]?.parsed.messageId).to.equal(all.server.received[0]?.parsed.messageId);
    await all.run('report', 'send', '--missed');
    expect(all.server.received).to.have.length(2);
  });

  it('sends with --missed what a drill that was killed had only meant to send', async () => {
    const [killed, told] = [night('2026-11-21'), night('2026-11-22')];
    await using all = await given([killed, told]);
    const wanted = wantedMail(killed, channel, new Date());
    expect([...wanted.keys()]).to.deep.equal([deliveriesFile]);
    await writeFile(join(all.reports.of(killed), deliveriesFile), wanted.get(deliveriesFile) ?? '');
    expect((await all.run('report', 'send', '--missed')).stdout).to.match(/^20261121T021500Z-nightly: accepted/);
    const [mail] = all.server.received;
    expect(mail?.parsed.messageId).to.equal((await readDeliveries(all.reports.of(killed)))[0]?.messageId);
    expect((await all.run('report', 'send', '--missed')).stdout).to.equal('');
    expect(all.server.received).to.have.length(1);
  });

  it('sends a mail once, however many runs send what was missed', async () => {
    const journal = night('2026-11-22');
    await using all = await given([journal]);
    const wanted = wantedMail(journal, channel, new Date()).get(deliveriesFile) ?? '';
    await writeFile(join(all.reports.of(journal), deliveriesFile), wanted);
    await Promise.all([1, 2, 3].map(() => all.run('report', 'send', '--missed')));
    expect(all.server.received).to.have.length(1);
  });

  it('shows the mail without sending it, as text and as what mail programs show', async () => {
    await using all = await given([night('2026-11-22')]);
    const { stdout } = await all.run('report', 'send', '--dry-run', '--html', all.at('mail.html'));
    expect(stdout).to.match(/^Subject: PASS 41\.9s of 30m · data to 01:30 · 4\/4 services\n\nAll is well: /);
    expect(await readFile(all.at('mail.html'), 'utf8')).to.match(/<img src="data:image\/png;base64,/);
    expect(all.server.connections).to.equal(0);
    expect(await rejectionOf(all.run('report', 'send', '--dry-run', '--html', '/nowhere/x.html'))).to.include({
      code: 'FILE_WRITE',
    });
  });

  it('says what is missing: mail in the configuration, a drill, its password, a certificate', async () => {
    await using none = await given([night('2026-11-22')], {}, '');
    expect(await rejectionOf(none.run('report', 'send'))).to.include({ code: 'CONFIG_INVALID' });
    await using empty = await given([]);
    expect(await rejectionOf(empty.run('report', 'send'))).to.include({ code: 'NO_SUCH_SET', exit: 10 });
    const mail = (more: string) => `mail: { from: a@x.com, to: [b@x.com], smtp: { host: localhost, ${more} } }`;
    await using closed = await given([night('2026-11-22')], {}, mail('user: u, password: { env: NOT_SET }'));
    expect(await rejectionOf(closed.run('report', 'send'))).to.include({ code: 'SECRET_MISSING', exit: 2 });
    await using untrusted = await given([night('2026-11-22')], {}, mail('ca: firedrill.yaml'));
    expect((await rejectionOf(untrusted.run('report', 'send'))).message).to.match(
      /mail\.smtp\.ca: .* holds no certificate/,
    );
    await using unread = await given([night('2026-11-22')], {}, mail('ca: nowhere.pem'));
    expect(await rejectionOf(unread.run('report', 'send'))).to.include({ code: 'CONFIG_INVALID' });
  });

  it('takes no options that contradict one another', async () => {
    for (const args of [
      ['--missed', '--dry-run'],
      ['x', '--missed'],
      ['--html', 'x.html'],
    ]) {
      expect(await rejectionOf(runInside(['report', 'send', ...args]))).to.include({ code: 'USAGE' });
    }
  });
});

describe('report digest', function () {
  this.timeout(30_000);

  it('mails the week up to a day, and records it beside the reports', async () => {
    await using all = await given(['2026-11-14', '2026-11-15', '2026-11-19', '2026-11-21', '2026-11-22'].map(night));
    const { stdout } = await all.run('report', 'digest', '--until', '2026-11-21');
    expect(stdout).to.equal('digest 2026-11-15/2026-11-21: accepted for boss@example.com, ops@example.com: 250 kept');
    expect(all.server.received[0]?.parsed.subject).to.match(
      /^WEEK to Sat 21 Nov: 3\/7 days drilled · 3 pass · .* no drill on 4 days$/,
    );
    expect((await readDeliveries(all.reports.folder))[0]).to.include({
      about: 'digest 2026-11-15/2026-11-21',
      outcome: 'accepted',
    });
    expect((await all.run('ledger', 'verify')).session.status).to.equal(0);
  });

  it('says which mails of the week nobody has accepted', async () => {
    await using all = await given([night('2026-11-20'), night('2026-11-21')], { message: ['554 no'] });
    await all.run('report', 'send', '20261120T021500Z-nightly');
    const { stdout } = await all.run('report', 'digest', '--until', '2026-11-21', '--dry-run');
    expect(stdout).to.contain('The mail about 1 drill was not accepted for everybody: 20261120T021500Z-nightly.');
  });

  it('is about the seven days before today, where the people are', () => {
    const now = new Date('2026-11-22T23:00:00Z');
    expect(lastDayOf(undefined, 'UTC', now)).to.equal('2026-11-21');
    expect(lastDayOf(undefined, 'Europe/Tallinn', now)).to.equal('2026-11-22');
    expect(lastDayOf('2026-02-28', 'UTC', now)).to.equal('2026-02-28');
    for (const none of ['yesterday', '2026-02-30', '2026-13-01', '2026-1-1']) {
      expect(() => lastDayOf(none, 'UTC', now), none).to.throw(/--until takes a date/);
    }
  });
});
