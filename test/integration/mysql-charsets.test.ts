import { Readable } from 'node:stream';
import { expect } from 'chai';
import { dockerHost } from '../../src/hosts/docker.ts';
import { outputOf } from '../../src/hosts/output.ts';
import type { FiredrillError } from '../../src/kit/errors.ts';
import { type MysqlServer, mysqlServer } from '../support/mysql-server.ts';
import { mysqlVault, troublesOf } from '../support/mysql-vault.ts';

/** As an old client would send it, whose terminal has that character set. */
async function typedIn(charset: string, encode: (text: string) => Buffer, server: MysqlServer, statements: string) {
  await using host = dockerHost({ container: server.container.id });
  const work = outputOf(host, {
    tool: 'mysql',
    args: ['--no-defaults', '--socket=/tmp/mysqld.sock', '--user=root', `--default-character-set=${charset}`, 'shop'],
    stdin: Readable.from([encode(statements)]),
  });
  await work.catch((error: FiredrillError) => expect.fail(error.detail.join('\n')));
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');

const byLatin1 = String.raw`DELIMITER //
CREATE USER 'définer'@'%'//
CREATE TABLE ${'`Árak`'} (${'`ár`'} int COMMENT 'Á')//
CREATE DEFINER='définer'@'%' PROCEDURE ${'`próc`'}(IN ${'`pärá`'} int, IN e enum('é','Á')) COMMENT 'Árvíz é''s \\ x' SELECT 'Á é' AS ${'`ö`'}//
CREATE PROCEDURE two_lines() COMMENT 'Zwei
Zeilen, ü' SQL SECURITY INVOKER SELECT 'é'//
CREATE PROCEDURE plain() COMMENT 'ASCII' SELECT 'é Á'//
CREATE PROCEDURE silent() SELECT '\n    COMMENT ''é''\n'//
CREATE FUNCTION f(a int) RETURNS varchar(20) CHARSET latin1 DETERMINISTIC COMMENT 'Á' RETURN 'Áé'//
CREATE DEFINER='définer'@'%' TRIGGER ${'`trÁ`'} BEFORE INSERT ON ${'`Árak`'} FOR EACH ROW SET NEW.${'`ár`'} = LENGTH('Á')//
CREATE EVENT ${'`évt`'} ON SCHEDULE EVERY 1 DAY COMMENT 'Á event' DO SELECT 'Á COMMENT ''Á event'' DO '//
CREATE VIEW ${'`vÁ`'} AS SELECT ${'`ár`'} AS ${'`Áé`'}, 'Á' AS x FROM ${'`Árak`'}//
`;

/** Сумма of Windows-1251. */
const cyrillic = Buffer.from('d1f3ecece0', 'hex');
/** 你好 of GBK. */
const chinese = Buffer.from('c4e3bac3', 'hex');
const withWord = (word: Buffer) => (text: string) =>
  Buffer.concat(text.split('WORD').flatMap((each, i) => (i === 0 ? [latin1(each)] : [word, latin1(each)])));
const byOthers = "CREATE PROCEDURE `pNAME`() COMMENT 'WORD, WORD' SELECT 'WORD';\n";

describe('MySQL objects that clients of old character sets have made', function () {
  this.timeout(240_000);
  let server: MysqlServer;

  before(async () => {
    server = await mysqlServer('mysql-charsets');
    await server.sql('CREATE DATABASE shop CHARACTER SET utf8mb4; CREATE TABLE shop.audit (id int PRIMARY KEY)');
    await typedIn('latin1', latin1, server, byLatin1);
    await typedIn('cp1251', withWord(cyrillic), server, byOthers.replace('NAME', '_cp1251'));
    await typedIn('gbk', withWord(chinese), server, byOthers.replace('NAME', '_gbk'));
  });
  after(() => server?.[Symbol.asyncDispose]());

  it('come back as they were, names, comments, parameters and bodies, and are told where a binary log has them otherwise', async () => {
    await using vault = await mysqlVault(server, ['shop']);
    await vault.backup('full');
    const seen = await seenIn(vault, new Date());
    expect(seen).to.deep.equal(await seenAt(server));
    expect(seen).to.include("próc: Árvíz é's \\ x: SELECT 'Á é' AS `ö`");
    expect(seen).to.include("p_cp1251: Сумма, Сумма: SELECT 'Сумма'");
    expect(seen).to.include("p_gbk: 你好, 你好: SELECT '你好'");
    expect(troublesOf(await vault.drilled())).to.deep.equal([]);

    await server.sql('INSERT INTO shop.audit VALUES (1)');
    await vault.backup('incremental');
    expect(troublesOf(await vault.drilled())).to.deep.equal([]);

    // The server itself writes such a name into its binary log so that a replica reads another one.
    await typedIn('latin1', latin1, server, "CREATE PROCEDURE `láter`() COMMENT 'Á later' SELECT 'é';\n");
    await vault.backup('incremental');
    expect(troublesOf(await vault.drilled({ walkBack: 0 }))).to.deep.equal([
      'fail schema: agama: procedure shop.láter is missing after the restore (present / absent)',
      'fail schema: agama: procedure shop.`lÃ¡ter` is there after the restore, but was not when it was dumped (absent / present)',
    ]);
    await vault.backup('full');
    expect(troublesOf(await vault.drilled())).to.deep.equal([]);
  });
});

const routines =
  "SELECT CONCAT(ROUTINE_NAME, ': ', ROUTINE_COMMENT, ': ', ROUTINE_DEFINITION) AS said FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'shop' ORDER BY ROUTINE_NAME";

const seenIn = (vault: Awaited<ReturnType<typeof mysqlVault>>, now: Date) =>
  vault.restored(now, undefined, async (session) => (await session.rows(routines)).map(({ said }) => said));

async function seenAt(server: MysqlServer) {
  const said = await server.sql(
    `SET NAMES utf8mb4; ${routines.replace('CONCAT', 'HEX(CONCAT').replace(') AS said', ')) AS said')}`,
  );
  return said
    .trim()
    .split('\n')
    .map((hex) => Buffer.from(hex, 'hex').toString());
}
