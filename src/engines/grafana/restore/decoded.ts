import { type CheckResult, Look } from '../../../model/check.ts';
import type { GrafanaFacts } from '../facts.ts';
import type { FilesBeside } from '../source/copy-files.ts';
import type { Rebuilt, RestorableChain } from './rebuild.ts';

/** What was proven by `rebuild` not throwing. */
export function decodedResults([full, increment]: RestorableChain, { beside, facts }: Rebuilt): CheckResult[] {
  const { artifacts, service } = (increment ?? full).manifest;
  // Of the full beneath a delta only the database is decoded: the files beside it are the newest member's.
  const [base, seen] = increment ? [1, 3] : [0, 2];
  const format = new Look('format', service, 'artifacts', artifacts.length + base).sawOne(seen);
  format.compare("SQLite's integrity check", 'ok', 'ok');
  return [format.result(), completenessOf(service, facts, beside)];
}

/** After all files of the facts, and what the database is made of, were found. */
export function completenessOf(service: string, { files }: GrafanaFacts, beside: FilesBeside): CheckResult {
  const parts = new Look('completeness', service, 'files', files.length + 1).sawOne(files.length + 1);
  return parts.compare('files beside the database', files.length, beside.files.length).result();
}
