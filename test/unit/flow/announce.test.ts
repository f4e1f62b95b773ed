import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  announceBroken,
  announceDrill,
  announceEnd,
  announceStart,
  announceStopped,
  statusAfter,
} from '../../../src/flow/announce.ts';
import { FiredrillError } from '../../../src/kit/errors.ts';
import { readDeliveries } from '../../../src/report/deliveries.ts';
import { failedDemoJournal } from '../../support/demo-journal.ts';
import { everybody } from '../../support/everybody.ts';
import type { HttpSink } from '../../support/http-sink.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { drillAt, reportsOf } from '../../support/reports.ts';

const passed = drillAt('2026-11-22T02:15:00.000Z');
const failed = { ...failedDemoJournal(), drill: passed.drill };
const pathsOf = ({ received }: HttpSink) => received.map(({ path }) => path);
const eventsOf = ({ received }: HttpSink) => received.map(({ body }) => JSON.parse(body));

describe('announceDrill', function () {
  this.timeout(30_000);

  it('tells the observer and by mail of a drill that passed; the webhook is for what is not well', async () => {
    await using reports = await reportsOf(drillAt('2026-11-21T02:15:00.000Z'), passed);
    await using all = await everybody(reports.folder);
    expect(await announceDrill({ journal: passed, folder: reports.of(passed) }, all.telling)).to.deep.equal([]);
    expect(pathsOf(all.pings)).to.deep.equal(['/d']);
    expect(all.pings.received[0]?.body).to.match(/^PASS 41\.9s of 30m · data to 01:30 · 4\/4 services\nAll is well: /);
    expect(all.hook.received).to.deep.equal([]);
    const [mail] = all.mail.received;
    expect(mail?.parsed.subject).to.equal('PASS 41.9s of 30m · data to 01:30 · 4/4 services');
    expect(mail?.parsed.text).to.match(
      /The drill before was on Sat 21 Nov[\s\S]*receipt 2 of the ledger has the hash [0-9a-f]{64}/,
    );
    expect(mail?.parsed.attachments.map(({ filename }) => filename)).to.deep.equal([
      ...['restore-times.png', 'data-losses.png', '20261122T021500Z-nightly.html'],
    ]);
    const [record, ...more] = await readDeliveries(reports.of(passed));
    expect(more).to.deep.equal([]);
    expect(record).to.deep.include({
      ...{ channel: 'mail', about: '20261122T021500Z-nightly', outcome: 'accepted', accepted: ['boss@example.com'] },
      ...{ refused: [], reply: '250 kept', messageId: mail?.parsed.messageId },
    });
    expect(all.remarks).to.deep.equal(['mail accepted for boss@example.com: 250 kept']);
  });

  it('tells everybody of a drill that failed, in the same words', async () => {
    await using reports = await reportsOf(failed);
    await using all = await everybody(reports.folder);
    expect(await announceDrill({ journal: failed, folder: reports.of(failed) }, all.telling)).to.deep.equal([]);
    expect(pathsOf(all.pings)).to.deep.equal(['/d/fail']);
    const [event] = eventsOf(all.hook);
    expect(event).to.deep.include({ source: 'firedrill', event: 'drill', verdict: 'fail', exitStatus: 3 });
    expect(event.text).to.match(/^FAIL .*\nNot all is well: .* Jaan must look into it today/);
    expect(all.mail.received[0]?.parsed.text).to.match(/^Not all is well: /);
    expect(all.mail.received[0]?.parsed.headers.get('priority')).to.equal('high');
    expect((await readDeliveries(reports.of(failed))).map(({ channel }) => channel)).to.have.members([
      'mail',
      'webhook',
    ]);
  });

  it('mails failures only, where that is wanted', async () => {
    await using reports = await reportsOf(passed);
    await using all = await everybody(reports.folder);
    const { mail, ...others } = all.telling.channels;
    const telling = { ...all.telling, channels: { ...others, mail: mail && { ...mail, on: 'failure' as const } } };
    await announceDrill({ journal: passed, folder: reports.of(passed) }, telling);
    expect(all.mail.received).to.deep.equal([]);
    await announceDrill({ journal: failed, folder: reports.of(passed) }, telling);
    expect(all.mail.received).to.have.length(1);
  });

  it('records each try of a mail that is put off', async () => {
    await using reports = await reportsOf(passed);
    await using all = await everybody(reports.folder, { message: ['451 4.7.1 greylisted'] });
    expect(await announceDrill({ journal: passed, folder: reports.of(passed) }, all.telling)).to.deep.equal([]);
    const records = await readDeliveries(reports.of(passed));
    expect(records.map(({ outcome, accepted, refused }) => [outcome, accepted, refused])).to.deep.equal([
      ['put-off', [], ['boss@example.com']],
      ['accepted', ['boss@example.com'], []],
    ]);
    expect(all.remarks[0]).to.match(/puts the mail off: 451 4\.7\.1 greylisted$/);
  });

  it('tells the webhook of a mail that is refused: that is a fault of its own, whatever the verdict', async () => {
    await using reports = await reportsOf(passed);
    await using all = await everybody(reports.folder, { message: ['554 5.7.1 we take no mail'] });
    const faults = await announceDrill({ journal: passed, folder: reports.of(passed) }, all.telling);
    expect(faults.map(({ code, exit }) => [code, exit])).to.deep.equal([['MAIL_REFUSED', 5]]);
    expect(faults[0]?.detail.join()).to.contain('554 5.7.1 we take no mail');
    expect(pathsOf(all.pings)).to.deep.equal(['/d']);
    expect(eventsOf(all.hook)[0]).to.include({
      event: 'mail-refused',
      code: 'MAIL_REFUSED',
      about: '20261122T021500Z-nightly',
    });
    const records = await readDeliveries(reports.of(passed));
    expect(records.map(({ channel, outcome }) => [channel, outcome])).to.deep.equal([
      ['mail', 'refused'],
      ['webhook', 'accepted'],
    ]);
  });

  it('sends a report once more without its attachment where the server finds it too large', async () => {
    await using reports = await reportsOf(passed);
    await using all = await everybody(reports.folder, { message: ['552 5.3.4 too large'] });
    expect(await announceDrill({ journal: passed, folder: reports.of(passed) }, all.telling)).to.deep.equal([]);
    const [mail] = all.mail.received;
    expect(mail?.parsed.text).to.contain('larger than the mail server takes, and not attached. It lies in ');
    expect(mail?.parsed.attachments).to.have.length(2);
  });

  it('mails also what could not be written to the disk', async () => {
    await using reports = await reportsOf();
    await using all = await everybody(reports.folder);
    expect(await announceDrill({ journal: passed, folder: null }, all.telling)).to.deep.equal([]);
    expect(all.mail.received[0]?.parsed.text).to.contain('It could not be written to the disk.');
  });

  it('writes metrics last, with what became of the mail, and says where that did not work', async () => {
    await using reports = await reportsOf(passed);
    const textfile = join(reports.root, 'firedrill.prom');
    await using all = await everybody(reports.folder, {}, { textfile });
    expect(await announceDrill({ journal: passed, folder: reports.of(passed) }, all.telling)).to.deep.equal([]);
    expect(await readFile(textfile, 'utf8')).to.contain('firedrill_mail_accepted{drill="nightly"} 1');
    await using other = await everybody(reports.folder, {}, { textfile: '/nowhere/firedrill.prom' });
    const faults = await announceDrill({ journal: passed, folder: reports.of(passed) }, other.telling);
    expect(faults.map(({ code }) => code)).to.deep.equal(['METRICS_WRITE']);
  });

  it('says of a ping that does not arrive that it did not, and judges nothing by it', async () => {
    await using reports = await reportsOf(passed);
    const gone = { pings: { drill: { url: 'http://127.0.0.1:1/d', timeLimitMs: 1_000 } } };
    await using all = await everybody(reports.folder, {}, gone);
    expect(await announceDrill({ journal: passed, folder: reports.of(passed) }, all.telling)).to.deep.equal([]);
    expect(all.remarks.join()).to.match(/the success ping to http:\/\/127\.0\.0\.1:1 did not arrive/);
  });

  it('ends when the run is stopped while a mail waits', async () => {
    await using reports = await reportsOf(passed);
    await using all = await everybody(reports.folder, { message: Array(9).fill('451 later') });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 1_000);
    const told = announceDrill(
      { journal: passed, folder: reports.of(passed) },
      { ...all.telling, signal: stop.signal },
    );
    expect(await rejectionOf(told)).to.include({ code: 'INTERRUPTED' });
  });
});

describe('announceBroken', function () {
  this.timeout(30_000);
  const error = new FiredrillError('VAULT_READ', 'the vault /backup\r\nBcc: all@example.com cannot be read');

  it('tells everybody of a drill that left no journal, with the last one that there was', async () => {
    await using reports = await reportsOf(passed);
    await using all = await everybody(reports.folder);
    expect(await announceBroken(error, 'backup1', all.telling)).to.deep.equal([]);
    expect(pathsOf(all.pings)).to.deep.equal(['/d/fail']);
    expect(all.pings.received[0]?.body).to.match(/^VAULT_READ: the vault/);
    expect(eventsOf(all.hook)[0]).to.include({ event: 'job-broken', job: 'drill', code: 'VAULT_READ' });
    const [mail] = all.mail.received;
    expect(mail?.to).to.deep.equal(['boss@example.com']);
    expect(mail?.parsed.subject).to.match(
      /^NO DRILL · the vault \/backup\\x0d\\x0aBcc: all@example\.com cannot be read$/,
    );
    expect(mail?.parsed.text).to.match(/^Nothing is known of the newest backups, .*; Jaan must look into it today/);
    expect(mail?.parsed.text).to.match(/The newest drill that there was began on .*22 Nov.* and ended with pass\./);
  });
});

describe('announceStopped', () => {
  it('says so to the observer alone, and not as a failure', async () => {
    await using all = await everybody('/nowhere');
    await announceStopped('drill', 'INTERRUPTED: the drill was interrupted', all.telling);
    expect(all.pings.received.map(({ path, body }) => [path, body])).to.deep.equal([
      ['/d/log', 'INTERRUPTED: the drill was interrupted'],
    ]);
    expect([all.hook.received.length, all.mail.received.length]).to.deep.equal([0, 0]);
  });
});

describe('announceStart and announceEnd', () => {
  it('ping the observer of that job, and tell the webhook what went wrong', async () => {
    await using all = await everybody('/nowhere');
    await announceStart('backup', all.telling);
    expect(await announceEnd('backup', '4 services backed up', undefined, all.telling)).to.deep.equal([]);
    expect(all.hook.received).to.deep.equal([]);
    await announceEnd('backup', '', 'agama: SOURCE_DENIED: no', all.telling);
    await announceStart('sync', all.telling);
    expect(all.pings.received.map(({ path, body }) => [path, body])).to.deep.equal([
      ['/b/start', ''],
      ['/b', '4 services backed up'],
      ['/b/fail', 'agama: SOURCE_DENIED: no'],
    ]);
    expect(eventsOf(all.hook)[0]).to.include({ event: 'job-broken', job: 'backup' });
  });
});

describe('statusAfter', () => {
  it('says that somebody was not told only where there is nothing worse to say', () => {
    const faults = [new FiredrillError('MAIL_REFUSED', 'no')];
    expect([0, 1, 3, 4].map((status) => statusAfter(status, faults))).to.deep.equal([5, 1, 3, 4]);
    expect([0, 3].map((status) => statusAfter(status, []))).to.deep.equal([0, 3]);
  });
});
