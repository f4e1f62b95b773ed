import { expect } from 'chai';
import type { Session } from '../../../../src/engines/mysql/client.ts';
import { commentLiteral, headOf, meantDefinition, takeApart } from '../../../../src/engines/mysql/shown-definition.ts';
import { FiredrillError } from '../../../../src/kit/errors.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const head = headOf('définer@%', 'PROCEDURE', 'próc');
const comment = `\n    COMMENT ${commentLiteral("é's")}\n`;
/** As MySQL puts it together: its own words in UTF-8, those of the maker in latin1. */
const whole = Buffer.concat([Buffer.from(head), latin1('(IN `á` int)'), Buffer.from(comment), latin1("SELECT 'Á'")]);
const meant = `${head}(IN \`á\` int)${comment}SELECT 'Á'`;
const statement = 'SHOW CREATE PROCEDURE `d`.`próc`';

/** A server that decodes latin1, and keeps what it was asked. */
function server(bytes: Buffer, fault?: FiredrillError) {
  const asked: string[] = [];
  const session = {
    run: async (sql: string) => void asked.push(sql),
    bytes: async (sql: string) => {
      asked.push(sql);
      return [{ 'Create Procedure': bytes }];
    },
    value: async (sql: string) => {
      if (fault) throw fault;
      return Buffer.from(/X'([0-9a-f]*)'/.exec(sql)?.[1] ?? '', 'hex').toString('latin1');
    },
  };
  return { asked, session: session as unknown as Session };
}

const shown = (charset: string) => ({
  ...{ statement, column: 'Create Procedure' },
  row: { 'Create Procedure': 'as it was shown', character_set_client: charset },
});

describe('meantDefinition', () => {
  it('reads names and comment as UTF-8, and the rest in the character set of its maker', async () => {
    const { session, asked } = server(whole);
    expect(await meantDefinition(session, shown('latin1'), { head, comment })).to.equal(meant);
    expect(asked).to.deep.equal(['SET character_set_results = NULL', statement, 'SET character_set_results = utf8mb4']);
  });

  it('takes what is shown where all is UTF-8, or the own words are ASCII, and asks nothing', async () => {
    const { session, asked } = server(whole);
    for (const charset of ['utf8mb4', 'utf8mb3', 'utf8']) {
      expect(await meantDefinition(session, shown(charset), { head, comment })).to.equal('as it was shown');
    }
    const plain = { head: headOf('root@localhost', 'PROCEDURE', 'p'), comment: '' };
    expect(await meantDefinition(session, shown('latin1'), plain)).to.equal('as it was shown');
    expect(asked).to.deep.equal([]);
  });

  it('takes what is shown where the server puts it together in another way, or cannot decode it', async () => {
    const own = { head, comment };
    const { session, asked } = server(Buffer.from('CREATE OR REPLACE …'));
    expect(await meantDefinition(session, shown('latin1'), own)).to.equal('as it was shown');
    expect(asked.at(-1)).to.equal('SET character_set_results = utf8mb4');
    const broken = server(whole, new FiredrillError('BACKUP_INCOMPLETE', 'Invalid gbk character string'));
    expect(await meantDefinition(broken.session, shown('gbk'), own)).to.equal('as it was shown');
  });
});

describe('takeApart', () => {
  it('gives the own words as texts and the others as bytes', () => {
    expect(takeApart(whole, { head, comment })).to.deep.equal([
      ...[head, latin1('(IN `á` int)'), comment, latin1("SELECT 'Á'")],
    ]);
    const bare = Buffer.concat([Buffer.from(head), latin1("() SELECT 'Á'")]);
    const parts = takeApart(bare, { head, comment: '' }) ?? [];
    expect(Buffer.concat(parts.map((each) => Buffer.from(each)))).to.deep.equal(bare);
    expect(takeApart(bare, { head, comment })).to.equal(undefined);
  });
});

describe('the own words of a server', () => {
  it('are quoted as it quotes them', () => {
    expect(headOf('a@b@%', 'EVENT', 'x`y')).to.equal('CREATE DEFINER=`a@b`@`%` EVENT `x``y`');
    expect(commentLiteral("it's \\ a\nb\r\0 é")).to.equal("'it''s \\\\ a\\nb\\r\\0 é'");
  });
});
