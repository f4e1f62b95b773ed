import type { Activity } from '../../kit/activity.ts';
import { type CheckResult, Look, notRun } from '../../model/check.ts';
import type { OpenMember } from '../../model/member.ts';
import { judgeCompleteness, judgeFormat } from './dumped-files.ts';
import { type Facts, factsOf, type MeasurementFacts } from './facts.ts';

/** Judges a member offline: all shards there, every archive and block readable, and as many points as at the dump. */
export async function verifyMember(member: OpenMember, activity: Activity): Promise<CheckResult[]> {
  const { service } = member.manifest;
  const facts = factsOf(member.manifest);
  const completeness = await judgeCompleteness(member, facts);
  const format = await judgeFormat(member, completeness.shards, activity);
  const because = 'the dump could not be read to its end';
  const rows = format.measurements
    ? compareRecount(service, facts, format.measurements)
    : notRun('rows', service, because);
  return [completeness.result, format.result, rows];
}

function compareRecount(service: string, facts: Facts, found: readonly MeasurementFacts[]): CheckResult {
  const fieldsOf = (all: readonly MeasurementFacts[]) =>
    new Map(
      all.flatMap(({ policy, name, fields }) =>
        fields.map(
          (field) => [[policy, name, field.name, ...field.types].join('\0'), { policy, name, field }] as const,
        ),
      ),
    );
  const expected = fieldsOf(facts.measurements);
  const actual = fieldsOf(found);
  const look = new Look('rows', service, 'fields', Math.max(expected.size, 1));
  for (const [key, { policy, name, field }] of expected) {
    look.sawOne();
    const is = actual.get(key)?.field;
    if (is && JSON.stringify(is) === JSON.stringify(field)) continue;
    const sentence = `${service}: the dump holds ${is?.points ?? 0} points of ${policy}.${name}.${field.name}, its manifest says ${field.points}`;
    look.fail({ sentence, expected: String(field.points), found: String(is?.points ?? 0) });
  }
  for (const [key, { policy, name, field }] of actual) {
    if (!expected.has(key))
      look.fail({ sentence: `${service}: the manifest does not know ${policy}.${name}.${field.name}` });
  }
  return look.result();
}
