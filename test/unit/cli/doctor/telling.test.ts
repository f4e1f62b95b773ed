import { join } from 'node:path';
import { expect } from 'chai';
import { diagnoseTelling } from '../../../../src/cli/doctor/telling.ts';
import type { Config, MailConfig, NotifyConfig } from '../../../../src/config/config.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { startMailServer } from '../../../support/mail-server.ts';
import { rejectionOf } from '../../../support/rejection.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const configOf = (mail: MailConfig | undefined, notify?: NotifyConfig) =>
  ({ timeZone: 'UTC', reportsFolder: '/r', mail, notify }) as Config;

const mailAt = (port: number, change: Partial<MailConfig['smtp']> = {}): MailConfig => ({
  ...{ from: { name: '', address: 'a@example.com' }, to: [], responsible: '', on: 'always', digest: undefined },
  ...{ attachmentLimitBytes: 1, patienceMs: 1 },
  smtp: { host: '127.0.0.1', port, tls: 'none', caFile: undefined, login: undefined, timeLimitMs: 2_000, ...change },
});

const notifyTo = (change: Partial<NotifyConfig>): NotifyConfig => ({
  ...{ pings: {}, webhook: undefined, textfile: undefined, metrics: undefined, timeLimitMs: 1_000 },
  ...change,
});

describe('diagnoseTelling', function () {
  this.timeout(10_000);

  it('connects to the mail server, and sends nothing', async () => {
    await using server = await startMailServer();
    const [found] = await diagnoseTelling(configOf(mailAt(server.port)));
    expect(found).to.deep.equal({ ok: true, what: `the mail server 127.0.0.1:${server.port} answers` });
    expect([server.connections, server.received.length]).to.deep.equal([1, 0]);
  });

  it('says what a mail would be refused for: no server, no TLS, a wrong password', async () => {
    await using server = await startMailServer();
    expect(await rejectionOf(diagnoseTelling(configOf(mailAt(1))))).to.include({ code: 'MAIL_UNREACHABLE' });
    const unsafe = diagnoseTelling(configOf(mailAt(server.port, { tls: 'starttls' })));
    expect(await rejectionOf(unsafe)).to.include({ code: 'MAIL_UNSAFE' });
    await using closed = await startMailServer(
      {},
      {
        ...{ disabledCommands: ['STARTTLS'], allowInsecureAuth: true },
        onAuth: (_, __, done) => done(new Error('no')),
      },
    );
    const login = { user: 'u', password: new Secret({ env: 'P' }, 'hunter2') };
    const denied = await rejectionOf(diagnoseTelling(configOf(mailAt(closed.port, { login }))));
    expect(denied).to.include({ code: 'MAIL_DENIED' });
    expect(denied.message + denied.detail.join()).to.not.contain('hunter2');
  });

  it('looks whether metrics can be written, and pings nobody', async () => {
    await using folder = await scratchFolder();
    const pings = { drill: 'http://127.0.0.1:1/d' };
    const good = await diagnoseTelling(configOf(undefined, notifyTo({ textfile: join(folder.path, 'f.prom'), pings })));
    expect(good.map((each) => each.ok)).to.deep.equal([true, true]);
    expect(good[1]?.what).to.match(/not tried, .*: pings of drill$/);
    const [bad] = await diagnoseTelling(configOf(undefined, notifyTo({ textfile: '/nowhere/f.prom' })));
    expect(bad).to.include({ ok: false, advice: 'Make /nowhere, and let this user write there.' });
  });
});
