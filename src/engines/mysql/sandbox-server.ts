import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bay, StartedServer } from '../../hosts/bay.ts';
import { runToEnd } from '../../hosts/output.ts';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';
import { podSocketFolder } from '../../model/sandbox.ts';
import { Secret } from '../../model/secret.ts';
import { applicantStatements } from './applicant.ts';
import { type Blame, type Login, Session } from './client.ts';
import { asPattern, quoteText } from './names.ts';
import { type BirthSettings, folders, initialiseArguments, portOf, serverRecipe, socketFile } from './recipe.ts';
import { mysqlSettings } from './settings.ts';
import { type MysqlSource, readingSettings } from './source.ts';
import { isAtLeast } from './version.ts';

const startMs = 180_000;
const pollsPerLook = 40;

/**
 * A started, empty server in a bay with an account of our own, under a name that no backup can know; its root is gone,
 * so that the backup's root can be restored like any other account.
 */
export class SandboxServer {
  readonly server: StartedServer;
  readonly version: string;
  /** Of the pod's loopback; undefined: it listens on its socket only. */
  readonly port: number | undefined;
  readonly #service: string;
  readonly #login: Login;
  readonly #signal: AbortSignal;
  #applicants = 0;

  private constructor(
    server: StartedServer,
    version: string,
    port: number | undefined,
    service: string,
    login: Login,
    signal: AbortSignal,
  ) {
    this.server = server;
    this.version = version;
    this.port = port;
    this.#service = service;
    this.#login = login;
    this.#signal = signal;
  }

  /** Rejects with SANDBOX_FAILED when the server is not empty, and with what `assertAlive` says when it died. */
  static async start(bay: Bay, birth: BirthSettings, activity: Activity): Promise<SandboxServer> {
    const { signal } = activity;
    const { service, holder, limits } = bay;
    const port = bay.comesByTcp ? portOf(bay) : undefined;
    await activity.native('initialise', () =>
      bay.prefill(folders.data, initialiseArguments(birth), () => initialise(bay, birth, signal)),
    );
    await runToEnd(holder, { tool: 'mkdir', args: [folders.sort], signal });
    const server = await activity.native('start', async () => {
      const started = await bay.start(serverRecipe(limits, birth, port));
      await untilListening(started, freshRoot, signal);
      return started;
    });
    const login = ownLogin();
    await using root = await Session.open(await doorOf(server), freshRoot, blame(service), signal);
    await assertEmpty(root, service);
    await root.runAll([...ownAccount(login), "DROP USER 'root'@'localhost'"]);
    const version = (await root.value('SELECT VERSION()')) ?? '';
    return new SandboxServer(server, version, port, service, login, signal);
  }

  /**
   * Starts a server on a data folder that is there already and whose accounts nobody here can log in with: first without its grants,
   * plugins, components and functions, with `options` for `prepare`, and then as any other. Rejects as `start` does.
   */
  static async startOn(
    bay: Bay,
    birth: BirthSettings,
    { prepare, options }: { prepare: (session: Session) => Promise<void>; options: readonly string[] },
    activity: Activity,
  ): Promise<SandboxServer> {
    const { signal } = activity;
    const { service, limits } = bay;
    const port = bay.comesByTcp ? portOf(bay) : undefined;
    const login = ownLogin();
    const recipe = serverRecipe(limits, birth, port);
    const begin = async (as: Login, ...more: string[]) => {
      const started = await bay.start({ ...recipe, command: [...recipe.command, ...more] });
      await untilListening(started, as, signal);
      return started;
    };
    await activity.native('start without accounts', async () => {
      const server = await begin(freshRoot, '--skip-grant-tables', ...options);
      await using anybody = await Session.open(await doorOf(server), freshRoot, blame(service), signal);
      await anybody.runAll(readingSettings);
      await prepare(anybody);
      await anybody.runAll(['FLUSH PRIVILEGES', ...ownAccount(login), 'SHUTDOWN']);
      await untilEnded(server, signal);
    });
    const server = await activity.native('start', () => begin(login));
    await using own = await Session.open(await doorOf(server), login, blame(service), signal);
    const version = (await own.value('SELECT VERSION()')) ?? '';
    return new SandboxServer(server, version, port, service, login, signal);
  }

  /** Our own account, which may do anything: only for statements that firedrill itself has composed. */
  get ownUser(): string {
    return this.#login.user;
  }

  /** The server as a source, whose own client reads what is in it. */
  asSource(databases: readonly string[]): MysqlSource {
    const { user, password } = this.#login;
    const socketPath = `${podSocketFolder}/${socketFile}`;
    const settings = mysqlSettings.parse({ databases, user, socketPath });
    const secret = new Secret({ env: 'none: made for this drill' }, password);
    return { service: this.#service, host: this.server.host, settings: { ...settings, password: secret } };
  }

  async connect(signal: AbortSignal = this.#signal): Promise<Session> {
    return this.connectAs(this.#login, signal);
  }

  /** May load what this program has; the server has to be told that it may be so. */
  async connectToLoad(signal: AbortSignal): Promise<Session> {
    return this.connectAs({ ...this.#login, loads: true }, signal);
  }

  async connectAs(login: Login, signal: AbortSignal = this.#signal): Promise<Session> {
    const session = await Session.open(await doorOf(this.server), login, blame(this.#service), signal);
    await session.runAll(readingSettings);
    return session;
  }

  /** An account that may do what a backup's definitions need in these databases, and nothing to the server or its files. */
  async createRestorer(databases: readonly string[]): Promise<Login> {
    const login = { user: `${this.#login.user}_r`, password: randomBytes(16).toString('hex') };
    await using own = await this.connect();
    const account = `${quoteText(login.user)}@'localhost'`;
    await own.run(`CREATE USER ${account} IDENTIFIED BY ${quoteText(login.password)}`);
    const definer = isAtLeast(this.version, 8, 2) ? 'SET_ANY_DEFINER, ALLOW_NONEXISTENT_DEFINER' : 'SET_USER_ID';
    // SYSTEM_USER lets it name root as a definer; without CREATE USER it can do nothing to accounts.
    await own.run(`GRANT SESSION_VARIABLES_ADMIN, SYSTEM_USER, ${definer} ON *.* TO ${account}`);
    for (const name of databases) await own.run(`GRANT ALL ON ${asPattern(name)}.* TO ${account}`);
    return login;
  }

  /** An account that may read these databases, and call what is in them. */
  async createReader(databases: readonly string[], signal: AbortSignal): Promise<Login> {
    const login = { user: `${this.#login.user}_q`, password: randomBytes(16).toString('hex') };
    await using own = await this.connect(signal);
    const account = `${quoteText(login.user)}@'localhost'`;
    await own.run(`CREATE USER ${account} IDENTIFIED BY ${quoteText(login.password)}`);
    for (const name of databases)
      await own.run(`GRANT SELECT, SHOW VIEW, EXECUTE ON ${asPattern(name)}.* TO ${account}`);
    return login;
  }

  /**
   * An account for an application, whether it comes by the socket or from the pod's loopback: one that may read and write
   * these databases, or, with `as`, one that has the rights of that account and its password.
   */
  async createApplicant(
    databases: readonly string[],
    as: { account: string; password: string } | undefined,
    signal: AbortSignal,
  ): Promise<Login> {
    this.#applicants += 1;
    const user = `${this.#login.user}_p${this.#applicants}`;
    const login = { user, password: as?.password ?? randomBytes(16).toString('hex') };
    await using own = await this.connect(signal);
    for (const host of ['localhost', '127.0.0.1']) {
      const account = `${quoteText(login.user)}@'${host}'`;
      await own.runAll(applicantStatements(account, login.password, as ? as.account : databases));
    }
    return login;
  }

  async dropLogin({ user }: Login, signal: AbortSignal = this.#signal): Promise<void> {
    await using own = await this.connect(signal);
    await own.run(`DROP USER ${quoteText(user)}@'localhost'`);
  }

  /** Tells a server that died from a statement that failed. */
  async watched<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isFiredrillError(error, 'RESTORE_FAILED', 'TOOL_FAILED', 'HOST_UNREACHABLE')) await this.server.assertAlive();
      throw error;
    }
  }
}

async function initialise({ holder, service }: Bay, birth: BirthSettings, signal: AbortSignal) {
  try {
    await runToEnd(holder, { tool: 'mysqld', args: initialiseArguments(birth), signal });
    // The server's own UUID: each start without it makes a new one, and two of a game day's stack must not share one.
    await runToEnd(holder, { tool: 'rm', args: ['-f', `${folders.data}/auto.cnf`], signal });
  } catch (error) {
    if (!isFiredrillError(error, 'TOOL_FAILED')) throw error;
    const { detail } = error;
    throw new FiredrillError('SANDBOX_FAILED', `no empty server could be made for ${service}`, {
      cause: error,
      detail,
    });
  }
}

/** Of a server that was just made, and of one that asks nobody who he is. */
const freshRoot: Login = { user: 'root', password: '' };

function ownLogin(): Login {
  return { user: `firedrill_${randomBytes(4).toString('hex')}`, password: randomBytes(16).toString('hex') };
}

/** A server that was told to shut down has written everything when its process has ended. */
async function untilEnded(server: StartedServer, signal: AbortSignal) {
  for (const end = performance.now() + startMs; performance.now() < end; await sleep(50, undefined, { signal })) {
    const isAlive = await server.assertAlive().then(
      () => true,
      (error: unknown) => {
        if (!isFiredrillError(error, 'RESTORE_FAILED') || !error.message.endsWith('with status 0')) throw error;
        return false;
      },
    );
    if (!isAlive) return server.stop();
  }
  throw new FiredrillError('SANDBOX_FAILED', 'the MySQL server did not shut down within 3 minutes');
}

async function untilListening(server: StartedServer, as: Login, signal: AbortSignal) {
  let last: unknown;
  let polls = 0;
  for (const end = performance.now() + startMs; performance.now() < end; await sleep(50, undefined, { signal })) {
    try {
      const door = await doorOf(server);
      await using _ = await Session.open(door, as, blame(''), signal);
      return;
    } catch (error) {
      if (!isFiredrillError(error, 'SANDBOX_FAILED', 'RESTORE_FAILED')) throw error;
      last = error;
      await server.assertAlive();
      polls += 1;
      if (polls % pollsPerLook === 0) await assertPagesReadable(server);
    }
  }
  const detail = (await server.logs()).trimEnd().split('\n').slice(-20);
  throw new FiredrillError('SANDBOX_FAILED', 'the MySQL server did not answer within 3 minutes', {
    cause: last,
    detail,
  });
}

/** A server that applies its log to a page that it cannot read waits for ever, and says so in its own log only. */
async function assertPagesReadable(server: StartedServer) {
  const complaint = (await server.logs()).split('\n').find((line) => line.includes('Database page corruption on disk'));
  if (complaint === undefined) return;
  throw new FiredrillError('RESTORE_FAILED', 'the server cannot read a page of its own files', {
    detail: [plainLine(complaint, 300)],
  });
}

async function doorOf(server: StartedServer) {
  return { socketPath: await server.socketPath() };
}

function blame(service: string): Blame {
  return ({ errno, message }) => {
    const said = `${plainLine(message)}${errno === 0 ? '' : ` (${errno})`}`;
    return new FiredrillError('RESTORE_FAILED', `${service}: the restored server said: ${said}`);
  };
}

/** A restore over something that is there already could look good for what was there. */
async function assertEmpty(root: Session, service: string) {
  const databases = await root.rows(
    `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA
     WHERE SCHEMA_NAME NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')`,
  );
  const accounts = await root.rows(
    `SELECT User AS name FROM mysql.user WHERE User NOT IN ('root', 'mysql.sys', 'mysql.session', 'mysql.infoschema')`,
  );
  const [first] = [...databases, ...accounts];
  if (!first) return;
  throw new FiredrillError(
    'SANDBOX_FAILED',
    `${service}: the server to restore into is not empty: it has ${first.name}`,
  );
}

function ownAccount({ user, password }: Login): string[] {
  const account = `${quoteText(user)}@'localhost'`;
  return [
    `CREATE USER ${account} IDENTIFIED BY ${quoteText(password)}`,
    `GRANT ALL ON *.* TO ${account} WITH GRANT OPTION`,
    `GRANT PROXY ON ''@'' TO ${account} WITH GRANT OPTION`,
  ];
}
