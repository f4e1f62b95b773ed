import { count } from '../../kit/text.ts';
import { type CheckResult, Look } from '../../model/check.ts';
import { lookAtHours } from './check-hours.ts';
import type { InfluxClient } from './client.ts';
import { askEach, countAll, countByDay, daysOf, endDay, firstDay, numbersOf } from './count-points.ts';
import type { Facts, FieldFacts, MeasurementFacts } from './facts.ts';

/**
 * Are the points of each field on each UTC day, and in each hour of the last days, exactly as many as were dumped, also a
 * while after the restore?
 */
export class RowsCheck {
  readonly #service: string;
  readonly #facts: Facts;
  readonly #client: InfluxClient;
  readonly #look: Look;
  readonly #dataAt: string | undefined;

  /** @param dataAt when the dump was made: absent, hours are not looked at */
  constructor(service: string, facts: Facts, client: InfluxClient, dataAt?: string) {
    this.#service = service;
    this.#facts = facts;
    this.#client = client;
    this.#dataAt = dataAt;
    const fields = facts.measurements.reduce((sum, each) => sum + each.fields.length, 0);
    const byHour = dataAt === undefined ? 0 : facts.measurements.length;
    // Fields are looked at twice: by day, and in all at the end.
    this.#look = new Look('rows', service, 'counts of fields, and of hours', 2 * fields + byHour);
  }

  /** A shard at the wrong place keeps totals: so days, and of the last ones hours. */
  async byDay() {
    await this.#byDay();
    if (this.#dataAt !== undefined) {
      await lookAtHours(this.#look, this.#service, this.#facts, this.#client, this.#dataAt);
    }
  }

  async #byDay() {
    await askEach(this.#client, this.#facts.database, this.#facts.measurements, countByDay, (measurement, tables) => {
      for (const [i, found] of daysOf(measurement, tables).entries()) {
        const field = measurement.fields[i];
        if (field) this.#compareDays(measurement, field, found);
      }
    });
  }

  /** At the end: points must not evaporate while the drill looks. Covers times outside of the calendar too. */
  async again(): Promise<CheckResult> {
    const totals = { expected: 0, found: 0 };
    await askEach(this.#client, this.#facts.database, this.#facts.measurements, countAll, (measurement, tables) => {
      for (const [i, found] of numbersOf(measurement, tables).entries()) {
        const field = measurement.fields[i];
        if (!field) continue;
        totals.expected += field.points;
        totals.found += found;
        this.#look.sawOne();
        if (found !== field.points) this.#fail(measurement, field, 'at the end of the drill', field.points, found);
      }
    });
    return this.#look.compare('points', count(totals.expected, 'value'), count(totals.found, 'value')).result();
  }

  #compareDays(measurement: MeasurementFacts, field: FieldFacts, found: ReadonlyMap<string, number>) {
    this.#look.sawOne();
    const dated = Object.keys(field.days).filter((day) => day >= firstDay && day < endDay);
    const days = [...new Set([...dated, ...found.keys()])].sort();
    const wrong = days.filter((day) => (field.days[day] ?? 0) !== (found.get(day) ?? 0));
    const [first] = wrong;
    if (first === undefined) return;
    const more = wrong.length > 1 ? ` (and ${count(wrong.length - 1, 'other day')})` : '';
    this.#fail(measurement, field, `on ${first}${more}`, field.days[first] ?? 0, found.get(first) ?? 0);
  }

  #fail({ policy, name }: MeasurementFacts, field: FieldFacts, when: string, expected: number, found: number) {
    const what = `${policy}.${name}.${field.name}`;
    this.#look.fail({
      sentence: `${this.#service}: ${what} has ${count(found, 'point')} ${when}, the dump had ${count(expected, 'point')}`,
      expected: String(expected),
      found: String(found),
      next: `firedrill backup ${this.#service} --full`,
    });
  }
}
