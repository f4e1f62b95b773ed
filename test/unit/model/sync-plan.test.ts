import { expect } from 'chai';
import { memberIdOf } from '../../../src/model/backup-set.ts';
import { massLosses, planSync } from '../../../src/model/sync-plan.ts';

const now = new Date('2026-11-24T00:00:00Z');
const services = [
  { service: 'agama', retentionDays: 56 },
  { service: 'grafana', retentionDays: 28 },
];

/** A member that was begun so many days ago. */
function member(service: string, daysAgo: number, files = ['manifest.json']) {
  const id = memberIdOf('full', new Date(now.getTime() - daysAgo * 86_400_000));
  return { set: 'backup-2026-11-22', service, id, files: files.map((name) => ({ name })) };
}

const plan = (original: ReturnType<typeof member>[], copy: ReturnType<typeof member>[]) =>
  planSync(original, copy, services, now);

describe('plan of a sync', () => {
  it('copies what is missing, of all services the oldest first', () => {
    const original = [member('agama', 9), member('agama', 2), member('agama', 1), member('grafana', 3)];
    const { missing, there, lost } = plan(original, [member('agama', 2)]);
    expect(missing).to.deep.equal([original[0], original[3], original[2]]);
    expect([there, lost]).to.deep.equal([1, []]);
  });

  it('passes over what has no manifest, and services that are not configured', () => {
    expect(plan([member('agama', 1, []), member('other', 1)], []).missing).to.deep.equal([]);
  });

  it('tells what the copy alone still holds inside the retention of its service', () => {
    const copy = [member('agama', 57), member('agama', 50), member('grafana', 50), member('agama', 1)];
    const { lost } = plan([member('agama', 1)], copy);
    expect(lost).to.deep.equal([{ service: 'agama', members: [copy[1]], of: 2 }]);
  });

  it('counts what lies there without its manifest as lost', () => {
    expect(plan([member('agama', 1, [])], [member('agama', 1)]).lost).to.have.length(1);
  });

  it('calls it a mass loss above three tenths of one service, however much of the others is there', () => {
    const copy = Array.from({ length: 10 }, (_, i) => member('agama', i));
    const others = Array.from({ length: 20 }, (_, i) => member('grafana', i));
    const lossesWithout = (n: number) => massLosses(plan([...copy.slice(n), ...others], [...copy, ...others]));
    expect(lossesWithout(0)).to.deep.equal([]);
    expect(lossesWithout(3)).to.deep.equal([]);
    expect(lossesWithout(4).map(({ service, members, of }) => [service, members.length, of])).to.deep.equal([
      ['agama', 4, 10],
    ]);
    expect(massLosses(plan([], copy))).to.have.length(1);
  });
});
