import { once } from 'node:events';
import { appendFile, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readDeliveries } from '../../src/report/deliveries.ts';
import { fileCompany } from '../support/firedrill.ts';
import { httpSink } from '../support/http-sink.ts';
import { type Says, selfSigned, startMailServer } from '../support/mail-server.ts';
import { until } from '../support/until.ts';

/** A company with services of the file engine, a mail server that demands TLS and a login, an observer and a webhook. */
async function watchedCompany(says: Says = {}) {
  const company = await fileCompany('one');
  const { key, cert } = await selfSigned();
  const mail = await startMailServer(says, {
    ...{ key, cert },
    onAuth: ({ username, password }, _, done) =>
      username === 'drill' && password === 's3cret' ? done(null, { user: 'drill' }) : done(new Error('Invalid login')),
  });
  const [pings, hook] = [await httpSink(), await httpSink()];
  const { folder } = company;
  await appendFile(join(folder, 'mail-ca.pem'), cert);
  await appendFile(join(folder, 'mail-password.txt'), 's3cret\n', { mode: 0o600 });
  await appendFile(
    join(folder, 'firedrill.yaml'),
    `mail:
  from: Firedrill <drill@example.com>
  to: [boss@example.com]
  responsible: Jaan
  patience: 3s
  smtp: { host: 127.0.0.1, port: ${mail.port}, ca: mail-ca.pem, user: drill, password: { file: mail-password.txt } }
notify:
  pings: { drill: '${pings.url}/drill', backup: { env: PING_BACKUP } }
  webhook: { url: '${hook.url}/hook' }
`,
  );
  const env = { PING_BACKUP: `${pings.url}/backup` };
  return {
    ...{ folder, mail, pings, hook },
    run: (...args: string[]) => company.run(args, { env }),
    start: (...args: string[]) => company.start(args, { env }),
    startWith: (more: Record<string, string>, ...args: string[]) => company.start(args, { env: { ...env, ...more } }),
    [Symbol.asyncDispose]: async () => {
      for (const each of [mail, pings, hook, company]) await each[Symbol.asyncDispose]();
    },
  };
}

const pathsOf = ({ received }: { received: { path: string }[] }) => received.map(({ path }) => path);

describe('command line: --notify', function () {
  this.timeout(300_000);

  it('tells of a night: backup and drill to the observer, the drill by mail, and leaves the ledger whole', async () => {
    await using all = await watchedCompany();
    const backup = await all.run('backup', '--full', '--notify');
    expect(backup.status, backup.stderr).to.equal(0);
    const drill = await all.run('drill', 'nightly', '--notify');
    expect(drill.status, drill.stderr + drill.stdout).to.equal(0);
    expect(pathsOf(all.pings)).to.deep.equal(['/backup/start', '/backup', '/drill/start', '/drill']);
    expect(all.hook.received).to.deep.equal([]);
    const [mail] = all.mail.received;
    expect(mail).to.include({ secure: true, user: 'drill' });
    expect(mail?.parsed.subject).to.match(/^PASS [\d.]+s of 30m · data to \d\d:\d\d · 1\/1 service$/);
    const [id = ''] = (await readdir(join(all.folder, 'reports'))).filter((name) => name.endsWith('-nightly'));
    const records = await readDeliveries(join(all.folder, 'reports', id));
    expect(records.map(({ outcome, reply }) => [outcome, reply])).to.deep.equal([
      ['wanted', ''],
      ['accepted', '250 kept'],
    ]);
    const report = await readFile(join(all.folder, 'reports', id, 'report.html'), 'utf8');
    expect(mail?.parsed.attachments.at(-1)?.content.toString()).to.equal(report);
    const ledger = await all.run('ledger', 'verify');
    expect(ledger.stdout).to.match(/1 receipt, 1 journal: whole/);
    const head = /head: ([0-9a-f]{64})/.exec(ledger.stdout)?.[1] ?? 'none';
    expect(mail?.parsed.text).to.contain(head);
    expect(drill.stderr).to.not.match(/s3cret|cM2NyZXQ/);
  });

  it('tells nobody of a drill by hand', async () => {
    await using all = await watchedCompany();
    await all.run('backup', '--full');
    expect((await all.run('drill')).status).to.equal(0);
    expect([all.mail.connections, all.pings.received.length, all.hook.received.length]).to.deep.equal([0, 0, 0]);
  });

  it('ends a drill that passed with 5 when its mail is refused, and says so on the webhook', async () => {
    await using all = await watchedCompany({ message: ['554 5.7.1 no'] });
    await all.run('backup', '--full');
    const drill = await all.run('drill', '--notify');
    expect(drill.status).to.equal(5);
    expect(drill.stdout).to.match(/verdict: pass/);
    expect(drill.stderr).to.match(/error \[MAIL_REFUSED\] 127\.0\.0\.1:\d+ refuses the mail\n {2}554 5\.7\.1 no/);
    expect(pathsOf(all.pings)).to.deep.equal(['/drill/start', '/drill']);
    expect(JSON.parse(all.hook.received[0]?.body ?? '')).to.include({ event: 'mail-refused', code: 'MAIL_REFUSED' });
    const missed = await all.run('report', 'send', '--missed');
    expect([missed.status, all.mail.received.length]).to.deep.equal([0, 1]);
  });

  it('forgets no mail of a drill that is killed while it sends it, and sends it once', async () => {
    await using all = await watchedCompany({ hangs: 1 });
    await all.run('backup', '--full');
    const { child, ended } = all.start('drill', 'nightly', '--notify');
    await until('a mail', async () => (all.mail.unanswered > 0 ? true : undefined), 60_000);
    child.kill('SIGKILL');
    expect((await ended).stdout).to.match(/verdict: pass/);
    expect(all.mail.received).to.deep.equal([]);
    const missed = await all.run('report', 'send', '--missed');
    expect(missed.status, missed.stderr).to.equal(0);
    expect((await all.run('report', 'send', '--missed')).stdout).to.equal('');
    expect(all.mail.received.map(({ parsed }) => parsed.subject?.slice(0, 4))).to.deep.equal(['PASS']);
  });

  it('tells everybody of a bad backup, and of a drill that could not be made', async () => {
    await using all = await watchedCompany();
    const backup = await all.run('backup', '--full');
    expect(backup.status, backup.stderr).to.equal(0);
    const names = await readdir(join(all.folder, 'vault'), { recursive: true });
    const artifact =
      names.find((name) => name.endsWith('content.txt.zst')) ?? names.find((name) => /content\.txt/.test(name));
    await appendFile(join(all.folder, 'vault', artifact ?? 'none'), 'rot');
    const bad = await all.run('drill', '--notify');
    expect(bad.status, bad.stderr).to.equal(3);
    expect(all.mail.received[0]?.parsed.subject).to.match(
      /^FAIL not all back \(30m allowed\) · one: NO GOOD BACKUP · 0\/1 service$/,
    );
    expect(all.mail.received[0]?.parsed.text).to.match(
      /^Not all is well: one cannot be restored to any point that was tried; Jaan must/,
    );
    await rm(join(all.folder, 'keys/signing.pub'));
    const none = await all.run('drill', '--notify');
    expect(none.status, none.stderr).to.equal(2);
    expect(all.mail.received[1]?.parsed.subject).to.match(/^NO DRILL · /);
    expect(pathsOf(all.pings)).to.deep.equal(['/drill/start', '/drill/fail', '/drill/start', '/drill/fail']);
    expect(all.hook.received.map(({ body }) => JSON.parse(body).event)).to.deep.equal(['drill', 'job-broken']);
  });

  for (const [job, fault, sentence] of [
    ['backup', 'hang-in-backup', /^INTERRUPTED: the backup was interrupted/],
    ['drill', 'hang-in-restore', /^INTERRUPTED: /],
  ] as const) {
    it(`takes a ${job} that was stopped together with the daemon for no failure`, async () => {
      await using all = await watchedCompany();
      if (job === 'drill') await all.run('backup', '--full');
      const { child, ended } = all.startWith({ FIREDRILL_TEST: fault }, 'daemon');
      const runs = join(all.folder, 'daemon/runs');
      await until(
        `the middle of the ${job}`,
        async () => {
          const files = (await readdir(runs, { recursive: true }).catch(() => [])).filter((name) =>
            name.endsWith('stderr'),
          );
          const texts = await Promise.all(files.map((name) => readFile(join(runs, name), 'utf8').catch(() => '')));
          return texts.some((text) => text.includes('hanging')) ? true : undefined;
        },
        60_000,
      );
      child.kill('SIGTERM');
      const { status, stdout } = await ended;
      expect(status, stdout).to.equal(0);
      const said = all.pings.received.filter(({ path }) => path.startsWith(`/${job}/`));
      expect(said.map(({ path }) => path)).to.deep.equal([`/${job}/start`, `/${job}/log`]);
      expect(said[1]?.body).to.match(sentence);
      expect([all.mail.received.length, all.hook.received.length]).to.deep.equal([0, 0]);
    });
  }

  it('serves metrics until it is stopped, and prints or writes them', async () => {
    await using company = await fileCompany('one');
    await appendFile(
      join(company.folder, 'firedrill.yaml'),
      'notify: { textfile: firedrill.prom, webhook: { url: http://127.0.0.1:1 } }\n',
    );
    await company.run(['backup', '--full']);
    const drill = await company.run(['drill', 'nightly', '--notify']);
    expect(drill.status, drill.stderr).to.equal(0);
    const printed = await company.run(['metrics']);
    expect(printed.stdout).to.match(/^firedrill_verdict\{drill="nightly",verdict="pass"\} 1$/m);
    const file = join(company.folder, 'firedrill.prom');
    expect(await readFile(file, 'utf8')).to.equal(printed.stdout);
    await rm(file);
    expect(await company.run(['metrics', '--textfile'])).to.include({ status: 0, stdout: 'firedrill.prom\n' });
    expect(await readFile(file, 'utf8')).to.equal(printed.stdout);
    const { child, ended } = company.start(['metrics', '--listen', '0']);
    const [url] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    const served = await fetch(url.toString().trim());
    expect(await served.text()).to.equal(printed.stdout);
    child.kill('SIGTERM');
    expect(await ended).to.include({ status: 0, stderr: '' });
    expect((await company.run(['metrics', '--listen', '127.0.0.1:x'])).stderr).to.match(/\[USAGE\]/);
  });

  it('serves metrics as long as the daemon runs', async () => {
    await using company = await fileCompany('one');
    await using free = await httpSink();
    const { port } = new URL(free.url);
    await free[Symbol.asyncDispose]();
    const never = 'full: never, incremental: never, hourly: never, drill: never, expire: 0 4 1 1 *';
    await appendFile(
      join(company.folder, 'firedrill.yaml'),
      `notify: { metrics: { port: ${port} } }\nschedules: { ${never} }\n`,
    );
    const daemon = company.start(['daemon']);
    const served = await until(
      'the metrics',
      async () => fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined),
      60_000,
    );
    expect(served.status).to.equal(200);
    daemon.child.kill('SIGTERM');
    const { status, stderr } = await daemon.ended;
    expect(status, stderr).to.equal(0);
    expect(
      await fetch(`http://127.0.0.1:${port}/metrics`).then(
        () => 'answers',
        () => 'is gone',
      ),
    ).to.equal('is gone');
  });

  it('knows before a drill that somebody cannot be told', async () => {
    await using company = await fileCompany('one');
    const nobody = await company.run(['drill', '--notify']);
    expect(nobody.status).to.equal(2);
    expect(nobody.stderr).to.match(/nobody to tell/);
    await appendFile(join(company.folder, 'firedrill.yaml'), 'notify: { webhook: { url: { env: HOOK } } }\n');
    expect((await company.run(['drill', '--notify'])).stderr).to.match(/\[SECRET_MISSING\]/);
    const text = await company.run(['drill', '--notify'], { env: { HOOK: 'not a URL' } });
    expect(text.stderr).to.match(/notify\.webhook\.url: what is kept there is no URL/);
    expect(text.stderr).to.not.contain('not a URL');
  });
});
