import { expect } from 'chai';
import { digestExpression, fieldExpression, formOf, loadClauses } from '../../../../src/engines/mysql/columns.ts';
import { qualify, quoteName, quoteText, sayTable } from '../../../../src/engines/mysql/names.ts';

const column = (type: string, charset: string | null = null, nullable = false) => ({
  name: 'c',
  type,
  charset,
  nullable,
});
const expression = (...args: Parameters<typeof column>) =>
  fieldExpression(column(...args), formOf(column(...args), 'd', 't'));

describe('columns', () => {
  it('sends bytes as hex, and texts whose character set is not exact', () => {
    for (const type of ['blob', 'varbinary', 'geometry', 'point', 'vector'])
      expect(expression(type)).to.equal('HEX(`c`)');
    expect(expression('varchar', 'gbk')).to.equal('HEX(`c`)');
    expect(expression('varchar', 'latin1')).to.match(/^IF.*REPLACE/);
  });

  it('escapes what LOAD DATA would take for something else', () => {
    expect(expression('text', 'utf8mb4')).to.equal(
      'IF(LENGTH(`c`) < 1048576 AND LENGTH(JSON_QUOTE(`c`)) = LENGTH(`c`) + 2, `c`, ' +
        "REPLACE(REPLACE(REPLACE(REPLACE(`c`, '\\\\', '\\\\\\\\'), '\\t', '\\\\t'), '\\n', '\\\\n'), '\\0', '\\\\0'))",
    );
  });

  it('tells NULL from the text NULL and from \\N', () => {
    expect(expression('int', null, true)).to.equal("IFNULL(`c`, '\\\\N')");
    expect(expression('int')).to.equal('`c`');
  });

  it('keeps all digits of floating point numbers', () => {
    expect(expression('float', null, true)).to.equal("IFNULL(`c`+0e0, '\\\\N')");
    expect(expression('double')).to.equal('CAST(`c` AS CHAR)');
  });

  it('compares JSON as it comes back from its text', () => {
    expect(digestExpression(column('json'), 'text')).to.include('CAST(CAST(`c` AS CHAR) AS JSON)');
    expect(digestExpression(column('blob'), 'hex')).to.equal('HEX(`c`)');
  });

  it('refuses a type that it does not know', () => {
    expect(() => formOf(column('hologram'), 'shop', 'odd'))
      .to.throw(/shop\.odd .* hologram/)
      .with.property('code', 'SOURCE_UNSUITABLE');
  });

  it('makes the list and the SET clause of a load', () => {
    const columns = [
      { name: 'id', form: 'plain' as const },
      { name: 'b`l', form: 'hex' as const },
      { name: 'e', form: 'enum' as const },
    ];
    expect(loadClauses(columns)).to.deep.equal({
      fields: '(`id`, @v1, @v2)',
      set: 'SET `b``l` = UNHEX(@v1), `e` = CAST(@v2 AS UNSIGNED)',
    });
    expect(loadClauses([])).to.deep.equal({ fields: '(@v0)', set: '' });
  });
});

describe('names', () => {
  it('are quoted, whatever they hold', () => {
    expect(quoteName('a`b')).to.equal('`a``b`');
    expect(qualify('d', 't')).to.equal('`d`.`t`');
    expect(quoteText("it's \\ \n\0")).to.equal("'it\\'s \\\\ \\n\\0'");
  });

  it('are said plainly where they are plain', () => {
    expect(sayTable('shop', 'orders')).to.equal('shop.orders');
    expect(sayTable('shop', 'or ders')).to.equal('shop.`or ders`');
  });
});
