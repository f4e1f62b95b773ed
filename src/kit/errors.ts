/**
 * Every failure that a user can cause or meet, in one table: the exit status it leads to and what to do next.
 * 0 pass · 1 the harness failed · 2 usage or configuration · 3 drill failed · 4 inconclusive · 5 not told · 10 no such set ·
 * 11 locked · 130 interrupted.
 */
export const exitStatus = {
  pass: 0,
  harness: 1,
  usage: 2,
  drillFailed: 3,
  inconclusive: 4,
  /** All was done, and somebody who was to be told of it was not. */
  notTold: 5,
  noSuchSet: 10,
  locked: 11,
  interrupted: 130,
} as const;

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

const table = {
  USAGE: [exitStatus.usage, 'Run the command with --help.'],
  CONFIG_INVALID: [exitStatus.usage, 'Mend the configuration, then run: firedrill config check'],
  CONFIG_MISSING: [exitStatus.usage, 'Run: firedrill init'],
  SECRET_MISSING: [
    exitStatus.usage,
    'Put the secret into the file or the environment variable that the configuration names.',
  ],
  KEY_INVALID: [exitStatus.usage, 'Run: firedrill init --keys, or restore the key file.'],
  KEY_WRONG: [
    exitStatus.usage,
    'Name the file of another private key: one that fits a public key under recipients of that vault.',
  ],
  NO_SUCH_SET: [exitStatus.noSuchSet, 'Run: firedrill list'],
  LOCKED: [exitStatus.locked, 'Wait for the other run to end.'],
  INTERRUPTED: [exitStatus.interrupted, 'Nothing was left behind; run the command again.'],
  HOST_UNREACHABLE: [exitStatus.harness, 'Run: firedrill doctor'],
  HOST_KEY_UNKNOWN: [exitStatus.harness, 'Compare the key by another way, then add it to the known_hosts file.'],
  HOST_KEY_CHANGED: [exitStatus.harness, 'Do not go on before you know why the key changed.'],
  HOST_AUTH_FAILED: [exitStatus.harness, 'Check the user and the key of this host in the configuration.'],
  TOOL_MISSING: [exitStatus.harness, 'Install the tool on that host.'],
  TOOL_FAILED: [exitStatus.harness, 'Read what the tool said.'],
  DEADLINE: [exitStatus.harness, 'Look for what is slow, or raise the limit in the configuration.'],
  SOURCE_UNREACHABLE: [exitStatus.harness, 'Run: firedrill doctor'],
  SOURCE_DENIED: [exitStatus.harness, 'Check the account of this service and its grants.'],
  SOURCE_UNSUITABLE: [exitStatus.harness, 'Read which condition the source does not meet.'],
  BACKUP_INCOMPLETE: [exitStatus.harness, 'The member was not sealed. Mend the cause, then run the backup again.'],
  CHAIN_BROKEN: [exitStatus.harness, 'Run: firedrill backup --full'],
  VAULT_WRITE: [exitStatus.harness, 'Check space and permissions of the vault, then run the backup again.'],
  FILE_WRITE: [exitStatus.harness, 'Check space and permissions of that folder, then run the command again.'],
  VAULT_READ: [exitStatus.harness, 'Check that the vault is mounted and readable.'],
  VAULT_SHRUNK: [
    exitStatus.harness,
    'Find out who removed them. If that was meant, run: firedrill sync --despite-loss',
  ],
  REPORT_WRITE: [
    exitStatus.harness,
    'Check space and permissions of the folder that reports.folder names, then run the command again.',
  ],
  STATE_INVALID: [exitStatus.harness, 'Put the file aside, then start the daemon again.'],
  JOURNAL_INVALID: [exitStatus.harness, 'Name a drill whose folder holds the journal.json that it wrote.'],
  TARGET_NOT_EMPTY: [exitStatus.usage, 'Restore into another target, or type the same with --replace.'],
  TARGET_FAILED: [exitStatus.harness, 'Read what the target said, mend it, and run the same command again.'],
  MANIFEST_INVALID: [exitStatus.drillFailed, 'Do not use this member. Run: firedrill list'],
  ARTIFACT_DAMAGED: [exitStatus.drillFailed, 'Do not use this member. Run: firedrill verify'],
  ARTIFACT_FORMAT: [exitStatus.drillFailed, 'Do not use this member. Run: firedrill verify'],
  ARTIFACT_INCOMPLETE: [
    exitStatus.drillFailed,
    'Do not use this member: the dump was not finished when it was sealed.',
  ],
  RESTORE_FAILED: [exitStatus.drillFailed, 'Read what the engine said, then drill an older member.'],
  LIMIT_EXCEEDED: [
    exitStatus.drillFailed,
    'A backup that needs more than its limit is suspect; raise the limit only if it has grown for a known reason.',
  ],
  DOCKER_UNAVAILABLE: [exitStatus.inconclusive, 'Start Docker, then run the drill again. Run: firedrill doctor'],
  IMAGE_MISSING: [exitStatus.inconclusive, 'Pull or build the image, or name another one under drill.images.'],
  SANDBOX_FAILED: [exitStatus.inconclusive, 'Run: firedrill doctor'],
  DISK_FULL: [exitStatus.inconclusive, 'Free space on this machine, then run the command again.'],
  MAIL_REFUSED: [
    exitStatus.notTold,
    'Read what the mail server said, mend mail in the configuration, then run: firedrill report send',
  ],
  MAIL_DENIED: [exitStatus.notTold, 'Check mail.smtp.user and its password, then run: firedrill report send'],
  MAIL_UNSAFE: [
    exitStatus.notTold,
    'Nothing was sent. Let the mail server offer TLS with a certificate that is trusted, or name that under mail.smtp.ca.',
  ],
  MAIL_UNREACHABLE: [
    exitStatus.notTold,
    'Check mail.smtp.host and port, and that the mail server runs, then run: firedrill report send',
  ],
  WEBHOOK_FAILED: [exitStatus.notTold, 'Check notify.webhook of the configuration, and whether its server answers.'],
  LISTEN_FAILED: [exitStatus.harness, 'Name another address: firedrill metrics --listen <host>:<port>'],
  METRICS_WRITE: [
    exitStatus.notTold,
    'Check space and permissions of the folder that notify.textfile names, then run: firedrill metrics --textfile',
  ],
  INTERNAL: [exitStatus.harness, 'This is a fault of firedrill. Please report it with the journal.'],
} as const satisfies Record<string, readonly [ExitStatus, string]>;

export type ErrorCode = keyof typeof table;

/** What happened (`message`), why (`cause`, `detail`), what to type next (`hint`), and the exit status. */
export class FiredrillError extends Error {
  override readonly name = 'FiredrillError';
  readonly code: ErrorCode;
  readonly hint: string;
  /** Further lines, such as the last lines of a tool's stderr. Untrusted text. */
  readonly detail: readonly string[];

  constructor(
    code: ErrorCode,
    message: string,
    more: { hint?: string; detail?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.code = code;
    this.hint = more.hint ?? table[code][1];
    this.detail = more.detail ?? [];
  }

  get exit(): ExitStatus {
    return table[this.code][0];
  }
}

export const errorCodes = Object.keys(table) as readonly ErrorCode[];

export function isFiredrillError(error: unknown, ...codes: ErrorCode[]): error is FiredrillError {
  return error instanceof FiredrillError && (codes.length === 0 || codes.includes(error.code));
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Node's `code` of a system error (`ENOSPC`, `ENOENT` …), or undefined. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** undefined where a file or folder that was asked for is not there (any more). */
export async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
