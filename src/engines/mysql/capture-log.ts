import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { tapped } from '../../kit/tap.ts';
import type { ArtifactSink } from '../../model/member.ts';
import { microsecondInstant } from './binlog/destructive.ts';
import { type BinlogSummary, summarizeBinlog } from './binlog/summary.ts';
import type { CapturedLog } from './log-position.ts';
import type { MysqlSource } from './source.ts';

/**
 * Fetches one closed binary log over the replication protocol, byte for byte as the server has it: with `mysqlbinlog` on
 * the source's host, into a private folder there that is removed whatever happens. The log is verified while it is stored.
 */
export async function captureLog(
  source: MysqlSource,
  file: string,
  sink: ArtifactSink,
  activity: Activity,
): Promise<CapturedLog> {
  const password = source.settings.password?.reveal();
  const running = source.host.run({
    tool: 'sh',
    args: ['-c', fetchScript, 'sh', file, ...dumperArguments(source)],
    ...(password === undefined ? {} : { secretEnv: { MYSQL_PWD: password } }),
    signal: activity.signal,
  });
  running.done.catch(() => {});
  try {
    const summary = await storeVerified(running.stdout, file, sink);
    await running.done;
    return capturedLog(summary);
  } catch (error) {
    await running.done.catch((cause: unknown) => {
      throw isFiredrillError(cause, 'TOOL_FAILED') ? incomplete(source, file, cause) : cause;
    });
    throw isFiredrillError(error, 'ARTIFACT_FORMAT', 'ARTIFACT_INCOMPLETE') ? incomplete(source, file, error) : error;
  }
}

/** $1: the log; the rest: how mysqlbinlog reaches the server. It writes the file and prints it when it is whole. */
const fetchScript = `
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
log=$1
shift
mysqlbinlog "$@" --result-file="$folder/" "$log" >&2
cat "$folder/$log"
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

/** One pass: the bytes that are summarised are the bytes that are stored. */
async function storeVerified(log: Readable, file: string, sink: ArtifactSink): Promise<BinlogSummary> {
  const { tap, result } = tapped((copy) => summarizeBinlog(copy, file));
  const stored = new PassThrough();
  const adding = sink.add(artifactOf(file), 'binlog', 'zstd', stored);
  adding.catch(() => {});
  await pipeline(log, tap, stored);
  const [summary] = await Promise.all([result, adding]);
  return summary;
}

export function artifactOf(file: string): string {
  return `log-${file}`;
}

function capturedLog({
  file,
  bytes,
  transactions,
  previous,
  gtids,
  firstCommitUs,
  lastCommitUs,
}: BinlogSummary): CapturedLog {
  return {
    artifact: artifactOf(file),
    file,
    bytes,
    transactions,
    previous: previous.toString(),
    gtids: gtids.toString(),
    firstCommitAt: firstCommitUs === null ? null : microsecondInstant(firstCommitUs),
    lastCommitAt: lastCommitUs === null ? null : microsecondInstant(lastCommitUs),
  };
}

function incomplete({ service }: MysqlSource, file: string, cause: FiredrillError) {
  const sentence = `${service}: binary log ${file} could not be fetched whole: ${cause.message}`;
  return new FiredrillError('BACKUP_INCOMPLETE', sentence, { cause, detail: cause.detail });
}
