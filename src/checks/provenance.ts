import { canonicalJson, type Json } from '../kit/json.ts';
import { formatDuration } from '../kit/units.ts';
import { type CheckResult, Look } from '../model/check.ts';
import type { Manifest } from '../model/manifest.ts';

/** What the configuration expects of the server that a backup was taken from. */
export interface ExpectedSource {
  /** Engine of the service. */
  engine: string;
  /** The host as the configuration reaches it now. */
  host: string;
  /** Entries that the recorded identity must have, such as the database's name. */
  identity: Readonly<Record<string, Json>>;
}

/** A server that followed another one when it was backed up. */
export interface Following {
  /** Why it did not follow any more, in words; null when it did. */
  stands: string | null;
  /** How far it was behind; null when it did not say. */
  lagMs: number | null;
}

/** Whether it is a backup of another source than the one that is configured. */
export function isFromElsewhere(manifest: Manifest, expected: ExpectedSource): boolean {
  return pairsOf(manifest, expected).some(([, should, is]) => !same(should, is));
}

/**
 * Does the backup come from the right server, and does it hold this service's data and not another's? `following`: where
 * the source was a replica, which may be no further behind than `rpoMs`: its data is older than the backup.
 */
export function checkProvenance(
  manifest: Manifest,
  expected: ExpectedSource,
  following: Following | null = null,
  rpoMs = 0,
): CheckResult {
  const { service } = manifest;
  const pairs = pairsOf(manifest, expected);
  const look = new Look('provenance', service, 'properties of the source', pairs.length + (following ? 1 : 0));
  for (const [what, should, is] of pairs) {
    look.sawOne().compare(what, show(should), show(is));
    if (same(should, is)) continue;
    look.fail({
      sentence: `${service}: the backup says that its ${what} is ${show(is)}, the configuration says ${show(should)}`,
      expected: show(should),
      found: show(is),
      next: 'firedrill config check',
    });
  }
  if (following) judgeFollowing(look.sawOne(), service, following, rpoMs);
  return look.result();
}

function judgeFollowing(look: Look, service: string, { stands, lagMs }: Following, rpoMs: number) {
  const allowed = `at most ${formatDuration(rpoMs)} behind`;
  const behind = lagMs === null ? 'not known' : `${formatDuration(lagMs)} behind`;
  look.compare('the source, a replica', allowed, stands ?? behind);
  const fail = (what: string, found: string) =>
    look.fail({
      sentence: `${service}: the source was a replica ${what}`,
      expected: allowed,
      found,
      next: 'firedrill doctor',
    });
  if (stands !== null) fail(`that stood still when it was backed up: ${stands}`, stands);
  else if (lagMs === null) fail('of which nobody knows how far it was behind', behind);
  else if (lagMs > rpoMs)
    fail(`that was ${behind} when it was backed up, the objective is ${formatDuration(rpoMs)}`, behind);
}

function pairsOf({ engine, source }: Manifest, expected: ExpectedSource): [string, Json, Json | undefined][] {
  return [
    ['engine', expected.engine, engine],
    ['host', expected.host, source.host],
    ...Object.entries(expected.identity).map(
      ([key, value]) => [key, value, source.identity[key]] as [string, Json, Json | undefined],
    ),
  ];
}

const same = (should: Json, is: Json | undefined) => is !== undefined && canonicalJson(should) === canonicalJson(is);

function show(value: Json | undefined): string {
  return value === undefined ? 'not recorded' : typeof value === 'string' ? value : canonicalJson(value);
}
