import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { tapped } from '../../kit/tap.ts';
import type { ArtifactSink } from '../../model/member.ts';
import { hasChecksums } from './binlog/event-content.ts';
import { eventType, readBinlog } from './binlog/events.ts';
import type { PreparedXa } from './binlog/prepared-xa.ts';
import { type BinlogSummary, SummaryGathering } from './binlog/summary.ts';
import { type DatabaseScope, whyUnfit } from './binlog/unfit-event.ts';
import { artifactOf, type CapturedLog, describeLog } from './log-position.ts';
import type { MysqlSource } from './source.ts';

/** One closed log of the source, and what of it the increment needs. */
export interface WantedLog {
  file: string;
  /** Offset of the first change that the member before does not have. */
  from: number;
  /** The folder on the source's host in which the server writes its logs. */
  folder: string;
  scope: DatabaseScope;
  /** Is carried on from log to log. */
  xa: PreparedXa;
}

/**
 * Fetches one closed binary log, byte for byte as the server has it: over the replication protocol with `mysqlbinlog` on
 * the source's host, into a private folder there that is removed whatever happens; or, where that tool is missing, from
 * the server's own folder. The log is verified while it is stored. CHAIN_BROKEN when it cannot be applied exactly.
 */
export async function captureLog(
  source: MysqlSource,
  wanted: WantedLog,
  sink: ArtifactSink,
  activity: Activity,
): Promise<CapturedLog> {
  const { file, folder } = wanted;
  const password = source.settings.password?.reveal();
  const running = source.host.run({
    tool: 'sh',
    args: ['-c', fetchScript, 'sh', file, folder, ...dumperArguments(source)],
    ...(password === undefined ? {} : { secretEnv: { MYSQL_PWD: password } }),
    signal: activity.signal,
  });
  running.done.catch(() => {});
  try {
    const summary = await storeVerified(running.stdout, wanted, sink);
    await running.done;
    return describeLog(summary);
  } catch (error) {
    await running.done.catch((cause: unknown) => {
      throw isFiredrillError(cause, 'TOOL_FAILED') ? blameTool(source, wanted, cause) : cause;
    });
    throw isFiredrillError(error, 'ARTIFACT_FORMAT', 'ARTIFACT_INCOMPLETE') ? incomplete(source, file, error) : error;
  }
}

const noTool = 'firedrill: there is no mysqlbinlog, and the log cannot be read where it lies';

/**
 * $1: the log; $2: the server's folder; the rest: how mysqlbinlog reaches the server. The log is printed when it is whole.
 * Signals go to the whole group: what tidies up must not be ended by one that comes late.
 */
const fetchScript = `
set -eu
log=$1 there=$2
shift 2
if command -v mysqlbinlog >/dev/null 2>&1; then
  trap 'exit 143' HUP INT TERM
  folder=$(mktemp -d)
  trap 'trap "" HUP INT TERM; rm -rf "$folder"' EXIT
  mysqlbinlog "$@" --result-file="$folder/" "$log" >&2
  cat "$folder/$log"
elif [ -r "$there/$log" ]; then
  cat "$there/$log"
else
  echo "${noTool}" >&2
  exit 127
fi
`;

function dumperArguments({ settings }: MysqlSource): string[] {
  const where =
    settings.socketPath === undefined
      ? ['--protocol=TCP', '--host=127.0.0.1', `--port=${settings.port ?? 3306}`]
      : ['--protocol=SOCKET', `--socket=${settings.socketPath}`];
  return [
    '--no-defaults',
    ...where,
    `--user=${settings.user}`,
    '--get-server-public-key',
    '--read-from-remote-server',
    '--raw',
    '--verify-binlog-checksum',
  ];
}

/** One pass: the bytes that are looked at are the bytes that are stored. */
async function storeVerified(log: Readable, wanted: WantedLog, sink: ArtifactSink): Promise<BinlogSummary> {
  const { tap, result } = tapped((copy) => lookThrough(copy, wanted));
  const stored = new PassThrough();
  const adding = sink.add(artifactOf(wanted.file), 'binlog', 'zstd', stored);
  adding.catch(() => {});
  await pipeline(log, tap, stored);
  const [summary] = await Promise.all([result, adding]);
  return summary;
}

async function lookThrough(copy: Readable, { file, from, scope, xa }: WantedLog): Promise<BinlogSummary> {
  const summary = new SummaryGathering(file);
  for await (const event of readBinlog(copy, file)) {
    if (event.type === eventType.formatDescription && !hasChecksums(event)) {
      throw new FiredrillError('CHAIN_BROKEN', `binary log ${file} was written without checksums`);
    }
    const unfit = event.at < from ? undefined : whyUnfit(event, scope, xa);
    if (unfit !== undefined) throw new FiredrillError('CHAIN_BROKEN', `binary log ${file} ${unfit}`);
    summary.see(event);
  }
  return summary.end();
}

function blameTool(source: MysqlSource, { file, folder }: WantedLog, cause: FiredrillError) {
  if (!cause.detail.some((line) => line.includes(noTool))) return incomplete(source, file, cause);
  const { service, host } = source;
  return new FiredrillError('TOOL_MISSING', `${service}: ${host.label} has no mysqlbinlog, which increments need`, {
    cause,
    hint: `Install MySQL's client tools there, or let the user that firedrill is there read ${folder}.`,
  });
}

function incomplete({ service }: MysqlSource, file: string, cause: FiredrillError) {
  const sentence = `${service}: binary log ${file} could not be fetched whole: ${cause.message}`;
  return new FiredrillError('BACKUP_INCOMPLETE', sentence, { cause, detail: cause.detail });
}
