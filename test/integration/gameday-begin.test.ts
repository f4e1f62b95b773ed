import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { runningGameDayId } from '../../src/report/gameday/running-gameday.ts';
import { fileCompany } from '../support/firedrill.ts';
import { startMailServer } from '../support/mail-server.ts';

const scenario = `title: Something is gone
reason: deleted-data
roles: [{ role: operator, does: restores }]
situation: Something is wrong.
services: [one]
steady:
  it answers: { service: one, sql: SELECT 1, equals: 1 }
inject: [{ do: script, service: one, text: 'true' }]
recovered:
  it answers: { service: one, sql: SELECT 1, equals: 1 }
limit: 30m
robot:
  - { do: restore, service: one }
rollBack: All goes.
`;

/** A company whose vault is empty: nothing can be raised from it. */
async function company() {
  const given = await fileCompany('one');
  const configFile = join(given.folder, 'firedrill.yaml');
  const text = await readFile(configFile, 'utf8');
  const mysql = text
    .replace('engine: file', 'engine: mysql')
    .replace(/settings: .*/, 'settings: { databases: [a], user: b }');
  await writeFile(configFile, mysql.replace(/images: .*/, "images: { mysql: 'nothing:1' }"));
  await writeFile(join(given.folder, 'own.yaml'), scenario);
  await appendFile(configFile, 'gameDays: { scenarios: . }\n');
  return { ...given, configFile };
}

describe('a game day that cannot begin', function () {
  this.timeout(120_000);

  it('ends with 4, leaves its journal and its report, and is mailed', async () => {
    await using given = await company();
    await using mail = await startMailServer();
    const smtp = `{ host: 127.0.0.1, port: ${mail.port}, tls: none }`;
    await appendFile(
      given.configFile,
      `mail: { from: drill@example.com, to: [boss@example.com], responsible: nobody, smtp: ${smtp} }\n`,
    );
    const { status, stdout, stderr } = await given.run(['gameday', 'own', '--robot', '--notify', '--quiet'], {
      main: 'real',
    });
    expect(status, stderr).to.equal(4);
    expect(stdout)
      .to.match(/^NOT BEGUN: /)
      .and.match(/game day own: not-begun: .*holds no backup of one.* \| report: gamedays\//);
    expect(stderr).to.include('error [NO_SUCH_SET]');
    const [, report = ''] = /report: (\S+)/.exec(stdout) ?? [];
    expect(await readFile(join(given.folder, report), 'utf8')).to.include('Something is gone');
    expect(mail.received).to.have.length(1);
    expect(mail.received[0]?.to).to.deep.equal(['boss@example.com']);
    expect(mail.received[0]?.parsed.subject).to.include('own');
    expect(await runningGameDayId(join(given.folder, 'gamedays'))).to.equal(undefined);
  });

  it('does not begin when nobody could be told of it', async () => {
    await using given = await company();
    const { status, stderr } = await given.run(['gameday', 'own', '--robot', '--notify'], { main: 'real' });
    expect([status, stderr.includes('mail')]).to.deep.equal([2, true]);
  });

  it('names all that is wrong in a scenario', async () => {
    await using given = await company();
    await writeFile(
      join(given.folder, 'own.yaml'),
      scenario.replace('services: [one]', 'services: [two]').replace('30m', 'soon'),
    );
    const { status, stderr } = await given.run(['gameday', 'own'], { main: 'real' });
    expect(status).to.equal(2);
    expect(stderr)
      .to.match(/own\.yaml:5: services\.0: two /)
      .and.match(/own\.yaml:\d+: limit: soon /);
  });
});
