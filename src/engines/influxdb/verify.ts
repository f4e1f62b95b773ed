import type { Activity } from '../../kit/activity.ts';
import { canonicalJson } from '../../kit/json.ts';
import { type CheckResult, Look, notRun } from '../../model/check.ts';
import type { OpenMember } from '../../model/member.ts';
import { composeMeasurements, measurementKey } from './compose-facts.ts';
import { judgeCompleteness, judgeFormat, type Recount } from './dumped-files.ts';
import { type Facts, type FieldFacts, factsOf, type MeasurementFacts } from './facts.ts';

/** Judges a member offline: all shards there, every archive and block readable, and as many points as at the dump. */
export async function verifyMember(member: OpenMember, activity: Activity): Promise<CheckResult[]> {
  const { service } = member.manifest;
  const facts = factsOf(member.manifest);
  const completeness = await judgeCompleteness([member], facts);
  const format = await judgeFormat(service, completeness.shards, activity);
  const because = 'the dump could not be read to its end';
  const rows = format.measurements
    ? compareRecount(member, facts, format.measurements)
    : notRun('rows', service, because);
  return [completeness.result, format.result, rows];
}

type Recounted = NonNullable<Recount['measurements']>;

/** Each shard that this member holds; and of a full, whose shards are all here, the whole as well. */
function compareRecount({ manifest }: OpenMember, facts: Facts, recounted: Recounted): CheckResult {
  const pairs = recounted.map(({ facts: shard, found }) => [shard.measurements, found] as const);
  if (manifest.kind === 'full') {
    const found = composeMeasurements(recounted.map((each) => ({ ...each.facts, measurements: each.found })));
    pairs.push([facts.measurements.map(withoutSeries), found.map(withoutSeries)]);
  }
  const fields = pairs.reduce((sum, [expected]) => sum + fieldsOf(expected).size + withHours(expected).length, 0);
  const look = new Look('rows', manifest.service, 'fields, and hours of measurements', Math.max(fields, 1));
  if (fields === 0) look.sawOne();
  for (const [expected, found] of pairs) {
    compareFields(look, manifest.service, fieldsOf(expected), fieldsOf(found));
    compareHours(look, manifest.service, expected, found);
  }
  return look.result();
}

/** Those whose manifest tells them by the hour. */
const withHours = (all: readonly MeasurementFacts[]) => all.filter(({ hours }) => hours !== undefined);

function compareHours(
  look: Look,
  service: string,
  expected: readonly MeasurementFacts[],
  actual: readonly MeasurementFacts[],
) {
  const found = new Map(actual.map((each) => [measurementKey(each), each.hours]));
  for (const each of withHours(expected)) {
    look.sawOne();
    if (canonicalJson(found.get(measurementKey(each)) ?? {}) === canonicalJson(each.hours)) continue;
    look.fail({
      sentence: `${service}: the hours of ${each.policy}.${each.name} are not those that its manifest says`,
    });
  }
}

type NamedFields = Map<string, { policy: string; name: string; field: FieldFacts }>;

function fieldsOf(all: readonly MeasurementFacts[]): NamedFields {
  return new Map(
    all.flatMap(({ policy, name, fields }) =>
      fields.map((field) => [[policy, name, field.name, ...field.types].join('\0'), { policy, name, field }] as const),
    ),
  );
}

function compareFields(look: Look, service: string, expected: NamedFields, actual: NamedFields) {
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
}

/** Series of a whole are counted over all shards at once, which a recount shard by shard cannot. */
function withoutSeries(measurement: MeasurementFacts): MeasurementFacts {
  const fields = measurement.fields.map(({ seriesAtMost: _, ...field }) => ({ ...field, series: 0 }));
  return { ...measurement, fields };
}
