import { canonicalJson, type Json } from '../kit/json.ts';
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

/** Does the backup come from the right server, and does it hold this service's data and not another's? */
export function checkProvenance(manifest: Manifest, expected: ExpectedSource): CheckResult {
  const { service } = manifest;
  const pairs: [string, Json, Json | undefined][] = [
    ['engine', expected.engine, manifest.engine],
    ['host', expected.host, manifest.source.host],
    ...Object.entries(expected.identity).map(
      ([key, value]) => [key, value, manifest.source.identity[key]] as [string, Json, Json | undefined],
    ),
  ];
  const look = new Look('provenance', service, 'properties of the source', pairs.length);
  for (const [what, should, is] of pairs) {
    look.sawOne().compare(what, show(should), show(is));
    if (is !== undefined && canonicalJson(should) === canonicalJson(is)) continue;
    look.fail({
      sentence: `${service}: the backup says that its ${what} is ${show(is)}, the configuration says ${show(should)}`,
      expected: show(should),
      found: show(is),
      next: 'firedrill config check',
    });
  }
  return look.result();
}

function show(value: Json | undefined): string {
  return value === undefined ? 'not recorded' : typeof value === 'string' ? value : canonicalJson(value);
}
