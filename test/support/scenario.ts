import type { Scenario, ScenarioCheck } from '../../src/model/scenario.ts';

/** A check of the fake stack: whether a service says a word. */
export function saysCheck(service: string, word: string, more: Partial<ScenarioCheck> = {}): ScenarioCheck {
  return {
    ...{ name: `it says ${word}`, service, question: {}, asBefore: false, withinMs: 1_000 },
    expectation: { equals: word },
    ...more,
  };
}

/** What must be as it was before the disaster. */
export const asBeforeCheck = (service: string): ScenarioCheck =>
  saysCheck(service, 'the same', { name: 'it says what it said', asBefore: true, expectation: {} });

/** A service says `well`, is made to say `ill`, and says `well` again when it was restored. */
export function scenario(change: Partial<Scenario> = {}): Scenario {
  return {
    name: 'ill',
    title: 'A service is ill',
    reason: 'failed-service',
    roles: [{ role: 'operator', does: 'restores' }],
    situation: 'Something is wrong.',
    services: ['agama'],
    replicas: [],
    prepare: [{ do: 'backup', services: ['agama'], full: true }],
    steady: [saysCheck('agama', 'well')],
    applications: [],
    inject: [{ do: 'statements', service: 'agama', text: 'ill' }],
    recovered: [asBeforeCheck('agama')],
    limitMs: 60_000,
    hints: [
      { text: 'Ask it.', costsMs: 5_000 },
      { text: 'Make it well.', costsMs: 10_000 },
    ],
    robot: [{ do: 'statements', service: 'agama', text: 'well' }],
    rollBack: 'All goes.',
    ...change,
  };
}
