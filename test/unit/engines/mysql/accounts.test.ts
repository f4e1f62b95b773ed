import { expect } from 'chai';
import { planAccounts } from '../../../../src/engines/mysql/accounts.ts';
import type { Account } from '../../../../src/engines/mysql/documents.ts';

const requirements = 'REQUIRE NONE PASSWORD EXPIRE DEFAULT ACCOUNT UNLOCK';
const account = (change: Partial<Account> = {}): Account => ({
  user: 'app',
  host: '%',
  create: `CREATE USER \`app\`@\`%\` IDENTIFIED WITH 'caching_sha2_password' AS 0x2441 ${requirements}`,
  grants: ['GRANT USAGE ON *.* TO `app`@`%`'],
  defaultRoles: [],
  ...change,
});
const plan = (...accounts: Account[]) =>
  planAccounts({ format: 'firedrill-mysql-accounts', version: 1, partialRevokes: false, accounts });

describe('planAccounts', () => {
  it('makes accounts, then their grants with what they are on, revokes last, then default roles', () => {
    const grants = [
      'REVOKE INSERT ON `shop`.* FROM `app`@`%`',
      'GRANT SELECT, UPDATE (`name`) ON `shop`.`customers` TO `app`@`%` WITH GRANT OPTION',
      'GRANT EXECUTE ON FUNCTION `shop`.`tw``ice` TO `app`@`%`',
      'GRANT `reader`@`%` TO `app`@`%` WITH ADMIN OPTION',
      'GRANT SELECT ON `shop`.* TO `app`@`%`',
    ];
    const made = plan(account({ grants, defaultRoles: [{ user: 'reader', host: '%' }] }));
    expect(made.grants.map(({ on }) => on)).to.deep.equal([
      '`shop`.`customers`',
      '`shop`.`tw``ice`',
      undefined,
      undefined,
      undefined,
    ]);
    expect(made.grants.at(-1)?.statement).to.match(/^REVOKE/);
    expect(made.defaultRoles).to.deep.equal(['ALTER USER `app`@`%` DEFAULT ROLE `reader`@`%`']);
  });

  it('takes names with quotes, and hashes of any form', () => {
    const create = `CREATE USER \`o'd\`\`d\`@\`10.0.0.%\` IDENTIFIED WITH 'x_y' AS 'a\\'b''c' ${requirements}`;
    const odd = account({ user: "o'd`d", host: '10.0.0.%', create, grants: [] });
    expect(plan(odd).accounts).to.deep.equal([create]);
  });

  it('refuses all that SHOW CREATE USER and SHOW GRANTS never print', () => {
    const good = account();
    const bad: Partial<Account>[] = [
      { create: 'DROP USER `app`@`%`' },
      { create: good.create.replace('`app`', '`root`') },
      { create: good.create.replace('CREATE USER', 'CREATE OR REPLACE USER') },
      { create: `SET GLOBAL x = 1; ${good.create}` },
      { create: "CREATE USER `app`@`%` IDENTIFIED BY 'known'" },
      { user: 'other' },
      { grants: ['GRANT ALL ON *.* TO `root`@`localhost`'] },
      { grants: ["SELECT 1 INTO OUTFILE '/tmp/x' TO `app`@`%`"] },
      { grants: ['GRANT ALL ON *.* TO `app`@`%`, `evil`@`%`'] },
      { grants: ['REVOKE ALL ON *.* TO `app`@`%`'] },
    ];
    for (const change of bad) {
      expect(() => plan(account(change)), JSON.stringify(change))
        .to.throw()
        .with.property('code', 'ARTIFACT_FORMAT');
    }
  });
});
