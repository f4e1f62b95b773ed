import { randomBytes } from 'node:crypto';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';
import { type ApplicationLogin, accessKeys } from '../../model/application.ts';
import type { Entrance } from '../engine.ts';
import { sayAccount } from './accounts.ts';
import { applicantStatements } from './applicant.ts';
import type { Blame, Login } from './client.ts';
import { quoteText } from './names.ts';
import { socketFile } from './recipe.ts';
import type { SandboxServer } from './sandbox-server.ts';
import type { MysqlSettings } from './settings.ts';
import type { MysqlSource } from './source.ts';

/** By the pod's loopback where the server listens there, and by its socket. */
export const mysqlEntrance: Entrance<MysqlSettings> = {
  keys: accessKeys,
  open: async (_chain, restored, { databases }, login, { signal }) => {
    const { sandboxOf } = await import('./restore.ts');
    const sandbox = sandboxOf(restored);
    const opens = login
      ? await admitted(sandbox, login, signal)
      : await sandbox.createApplicant(databases, undefined, signal);
    const { user, password } = opens;
    return {
      ...(sandbox.port === undefined ? {} : { host: '127.0.0.1', port: String(sandbox.port) }),
      ...{ socket: socketFile, user, password, database: databases[0] ?? '' },
    };
  },
  openLive: async (source, login, activity) => {
    const { databases, port = 3306 } = source.settings;
    const random = randomBytes(16).toString('hex');
    const user = `firedrill_${random.slice(0, 12)}`;
    const password = login?.password.reveal() ?? random;
    const account = `${quoteText(user)}@'127.0.0.1'`;
    const as = login ? sayAccount(login) : databases;
    await asAdministrator(source, activity, applicantStatements(account, password, as));
    return {
      access: { host: '127.0.0.1', port: String(port), user, password, database: databases[0] ?? '' },
      // Also after an order to stop.
      [Symbol.asyncDispose]: () =>
        asAdministrator(source, { signal: new AbortController().signal }, [`DROP USER IF EXISTS ${account}`]),
    };
  },
};

/** Not in the binary log: what a game day makes for itself is no work of the company. */
async function asAdministrator(source: MysqlSource, activity: Pick<Activity, 'signal'>, statements: readonly string[]) {
  const refuses: Blame = ({ message }) =>
    new FiredrillError('RESTORE_FAILED', `${source.service} does not let an application in: ${plainLine(message)}`);
  const { openSource } = await import('./source.ts');
  await using session = await openSource(source, activity, refuses);
  await session.runAll(['SET SESSION sql_log_bin = 0', ...statements]);
}

/**
 * The restored account itself where it may come from the pod, from anywhere that is, and no other stands before it; else one that
 * has its rights.
 */
async function admitted(sandbox: SandboxServer, login: ApplicationLogin, signal: AbortSignal): Promise<Login> {
  const name = sayAccount(login);
  const password = login.password.reveal();
  await using own = await sandbox.connect(signal);
  const [described] = await own.rows(
    `SELECT account_locked AS isLocked, ssl_type AS tls FROM mysql.user
     WHERE BINARY User = ${quoteText(login.user)} AND Host = ${quoteText(login.host)}`,
  );
  if (!described) throw refused(name, 'is not there after the restore');
  if (described.isLocked === 'Y') throw refused(name, 'is locked');
  const rivals = await own.value(
    `SELECT COUNT(*) FROM mysql.user WHERE User IN ('', ${quoteText(login.user)})
     AND NOT (BINARY User = ${quoteText(login.user)} AND Host = ${quoteText(login.host)})`,
  );
  if (login.host !== '%' || rivals !== '0') {
    return sandbox.createApplicant([], { account: name, password }, signal);
  }
  const opens = { user: login.user, password, tls: described.tls !== '' };
  try {
    await using _ = await sandbox.connectAs(opens, signal);
  } catch (error) {
    if (!(error instanceof FiredrillError) || error.code !== 'RESTORE_FAILED') throw error;
    throw new FiredrillError('RESTORE_FAILED', `the application's account ${name} cannot log in: ${error.message}`);
  }
  return opens;
}

function refused(name: string, why: string) {
  return new FiredrillError('RESTORE_FAILED', `the application's account ${name} ${why}`);
}
