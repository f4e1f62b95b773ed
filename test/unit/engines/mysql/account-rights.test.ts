import { expect } from 'chai';
import { rightsIn } from '../../../../src/engines/mysql/account-rights.ts';

const all = { any: true, read: true };
const some = { any: true, read: false };
const none = { any: false, read: false };

describe('rightsIn', () => {
  const cases: [string, readonly string[], typeof all][] = [
    ['nothing but a login', ['GRANT USAGE ON *.* TO `app`@`%`'], none],
    ['everything', ['GRANT ALL PRIVILEGES ON *.* TO `app`@`%` WITH GRANT OPTION'], all],
    ['reading everywhere', ['GRANT SELECT, RELOAD ON *.* TO `app`@`%`'], all],
    [
      'what is of the server only',
      ['GRANT BACKUP_ADMIN,FLUSH_TABLES ON *.* TO `app`@`%`', 'GRANT RELOAD ON *.* TO `app`@`%`'],
      none,
    ],
    ['a database', ['GRANT SELECT, INSERT ON `shop`.* TO `app`@`%`'], all],
    ['another database', ['GRANT SELECT ON `other`.* TO `app`@`%`'], none],
    ['a table', ['GRANT INSERT ON `shop`.`orders` TO `app`@`%`'], some],
    ['columns', ['GRANT SELECT (`id`, `a, b`), UPDATE (`id`) ON `shop`.`orders` TO `app`@`%`'], all],
    ['a function', ['GRANT EXECUTE ON FUNCTION `shop`.`twice` TO `app`@`%`'], some],
    ['definitions only', ['GRANT CREATE, DROP ON `shop`.* TO `app`@`%`'], none],
    ['a role that was not asked for', ['GRANT `reader`@`%` TO `app`@`%`'], none],
    ['databases by a pattern', ['GRANT SELECT ON `sh%`.* TO `app`@`%`'], all],
    ['databases by another pattern', ['GRANT SELECT ON `sh_`.* TO `app`@`%`'], none],
    ['a user with a strange name', ['GRANT SELECT ON `shop`.* TO `a`` ON ``b`@`%`'], all],
  ];
  for (const [what, grants, rights] of cases) {
    it(`finds ${what}`, () => expect(rightsIn(grants, ['shop', 'odd'])).to.deep.equal(rights));
  }

  it('takes an escaped wildcard, a backquote and signs of patterns for what they are', () => {
    expect(rightsIn(['GRANT SELECT ON `a\\_b`.* TO `x`@`%`'], ['a_b'])).to.deep.equal(all);
    expect(rightsIn(['GRANT SELECT ON `a\\_b`.* TO `x`@`%`'], ['axb'])).to.deep.equal(none);
    expect(rightsIn(['GRANT SELECT ON `o``d.d (x)`.* TO `x`@`%`'], ['o`d.d (x)'])).to.deep.equal(all);
    expect(rightsIn(['GRANT SELECT ON `o.d`.* TO `x`@`%`'], ['oxd'])).to.deep.equal(none);
  });
});
