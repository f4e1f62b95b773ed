import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { outputOf, runToEnd } from '../../../hosts/output.ts';
import type { Activity } from '../../../kit/activity.ts';
import { FiredrillError } from '../../../kit/errors.ts';
import { DigestStream } from '../../../kit/streams.ts';
import { count, plainLine } from '../../../kit/text.ts';
import { type CheckResult, Look } from '../../../model/check.ts';
import type { Carried, CarryJob } from '../../engine.ts';
import { RestoredGrafana } from '../restore.ts';
import type { GrafanaSettings } from '../settings.ts';
import { lookAtTarget } from './look.ts';

/**
 * $1: the database, $2: its SHA-256, $3: the name under which the old one is kept. The new one is written beside, proven,
 * given to the old one's owner, and renamed: nobody ever sees a half.
 */
const putScript = `set -eu
umask 077
new="$1.restoring"
trap 'rm -f "$new"' EXIT
trap 'exit 143' HUP INT TERM
cat > "$new"
[ "$(sha256sum < "$new" | cut -c 1-64)" = "$2" ] || { echo 'it did not arrive whole' >&2; exit 1; }
like="$1"
[ -e "$like" ] || like=$(dirname "$1")
chown --reference="$like" "$new"
if [ -e "$1" ]; then chmod --reference="$1" "$new"; ln "$1" "$3"; else chmod 640 "$new"; fi
for end in -wal -shm -journal; do
  if [ -e "$1$end" ]; then mv "$1$end" "$3$end"; fi
done
mv -f "$new" "$1"
sync "$1"`;

/** Puts the proven database in the place of the old one, which is kept beside it. */
export async function carryInto(job: CarryJob<GrafanaSettings>, activity: Activity): Promise<Carried> {
  const { target, restored, replace, stamp, begin } = job;
  if (!(restored instanceof RestoredGrafana)) throw new FiredrillError('INTERNAL', 'this is no restored Grafana');
  const { database } = target.settings;
  const { holds } = await lookAtTarget(target, activity.signal);
  if (holds.length > 0 && !replace) {
    throw new FiredrillError('TARGET_NOT_EMPTY', `${target.host.label} holds ${holds.join(', ')}`);
  }
  const { databasePath, beside } = restored.rebuilt;
  const sha256 = await digestOf(databasePath);
  const kept = `${database}.before-${stamp}`;
  const args = ['-c', putScript, 'sh', database, sha256, kept];
  const stdin = createReadStream(databasePath);
  begin();
  await activity.native('put in place', () =>
    runToEnd(target.host, { tool: 'sh', args, stdin, signal: activity.signal }),
  );
  const names = beside.files.slice(0, 5).map(({ name }) => plainLine(name, 100));
  const files = `${count(beside.files.length, 'file')} beside the database (${names.join(', ')}) ${beside.files.length === 1 ? 'was' : 'were'} not put in place`;
  return {
    results: [await compare(job, sha256, activity.signal)],
    notes: ['start Grafana now: the database is in its place', ...(beside.files.length > 0 ? [files] : [])],
    place: database,
    ...(holds.length > 0 && { kept: { where: kept, goBack: `mv ${kept} ${database}` } }),
  };
}

async function digestOf(path: string): Promise<string> {
  const digest = new DigestStream();
  await pipeline(createReadStream(path), digest.resume());
  return digest.digest().sha256;
}

/** Bit for bit what the pod's checks have looked at. */
async function compare(
  { target }: CarryJob<GrafanaSettings>,
  expected: string,
  signal: AbortSignal,
): Promise<CheckResult> {
  const { host, service, settings } = target;
  const args = ['-c', 'sha256sum < "$1"', 'sh', settings.database];
  const found = (await outputOf(host, { tool: 'sh', args, signal })).slice(0, 64);
  const look = new Look('content', service, 'files', 1).sawOne().compare(settings.database, expected, found);
  if (found === expected) return look.result();
  const sentence = `${service}: ${settings.database} at ${host.label} is not what was proven`;
  return look.fail({ sentence, expected, found }).result();
}
