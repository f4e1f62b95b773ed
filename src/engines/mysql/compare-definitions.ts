import { createHash } from 'node:crypto';
import { lazily } from '../../kit/lazily.ts';
import { plainLine } from '../../kit/text.ts';
import { type CheckId, type CheckResult, Look } from '../../model/check.ts';
import { type Definition, hashOf } from './definitions.ts';
import type { ObjectFacts } from './documents.ts';

export interface DefinitionComparison {
  check: CheckId;
  service: string;
  /** What is counted, in the plural. */
  subjects: string;
  /** As the dump saw them. */
  expected: readonly ObjectFacts[];
  /** From the artifact: what the expected ones look like, where their hash agrees. */
  dumped: readonly Definition[];
  /** On the restored server. */
  found: readonly Definition[];
}

/** Are all definitions there, as they were, and no others? */
export function compareDefinitions(comparison: DefinitionComparison): CheckResult {
  const { check, service, subjects, expected, found } = comparison;
  const look = new Look(check, service, subjects, expected.length);
  const present = new Map(found.map((each) => [keyOf(each), each]));
  const dumped = lazily(() => byHash(comparison.dumped));
  for (const each of expected) {
    look.sawOne();
    const what = `${service}: ${each.kind} ${each.name}`;
    const there = present.get(keyOf(each));
    if (!there) {
      look.fail({ sentence: `${what} is missing after the restore`, expected: 'present', found: 'absent', next });
      continue;
    }
    if (hashOf(there) === each.sha256) continue;
    const differing = firstDifference(dumped().get(each.sha256)?.text, there.text);
    look.fail({ sentence: `${what} is not as it was when it was dumped`, ...differing, next });
  }
  const known = new Set(expected.map(keyOf));
  for (const each of found.filter((other) => !known.has(keyOf(other)))) {
    const sentence = `${service}: ${each.kind} ${each.name} is there after the restore, but was not when it was dumped`;
    look.fail({ sentence, expected: 'absent', found: 'present', next });
  }
  for (const kind of new Set([...expected, ...found].map((each) => each.kind))) {
    const count = (list: readonly { kind: string }[]) => list.filter((each) => each.kind === kind).length;
    look.compare(`objects of kind ${kind}`, count(expected), count(found));
  }
  return look.result();
}

const next = 'firedrill list';

const keyOf = ({ kind, name }: { kind: string; name: string }) => `${kind} ${name}`;

function byHash(definitions: readonly Definition[]): Map<string, Definition> {
  return new Map(definitions.map((each) => [hashOf(each), each]));
}

/** The first line that differs says more than two whole definitions. */
function firstDifference(expected: string | undefined, found: string): { expected: string; found: string } {
  if (expected === undefined) return { expected: 'what was dumped', found: shown(found) };
  const [should, is] = [expected.split('\n'), found.split('\n')];
  const at = should.findIndex((line, i) => line !== is[i]);
  const line = (lines: readonly string[]) => shown((lines[at < 0 ? should.length : at] ?? 'nothing').trim());
  return { expected: line(should), found: line(is) };
}

/** Reports are read by many: a password's hash is told from another one by four bytes of its own hash. */
function shown(text: string): string {
  const hash = (secret: string) => createHash('sha256').update(secret).digest('hex').slice(0, 8);
  const masked = text.replace(
    / AS (0x[0-9A-Fa-f]+|'(?:[^'\\]|\\.|'')*') REQUIRE /,
    (_, secret: string) => ` AS (secret ${hash(secret)}) REQUIRE `,
  );
  return plainLine(masked, 300);
}
