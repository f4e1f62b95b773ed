import { asPattern, quoteText } from './names.ts';

/** What an application does to data; definitions are for those who deploy it. */
const applicantRights = 'SELECT, INSERT, UPDATE, DELETE, EXECUTE, SHOW VIEW, LOCK TABLES, CREATE TEMPORARY TABLES';

/** Makes an account for an application: with the rights of another account, or to read and write these databases. */
export function applicantStatements(account: string, password: string, as: string | readonly string[]): string[] {
  const rights =
    typeof as === 'string'
      ? [`GRANT ${as} TO ${account}`, `SET DEFAULT ROLE ALL TO ${account}`]
      : as.map((name) => `GRANT ${applicantRights} ON ${asPattern(name)}.* TO ${account}`);
  return [`CREATE USER ${account} IDENTIFIED BY ${quoteText(password)}`, ...rights];
}
