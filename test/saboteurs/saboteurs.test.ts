import { allBenigns, sections } from './catalogue/index.ts';
import { type Outcome, runBenign, runSaboteur } from './run-saboteur.ts';
import { titleOf, titleOfBenign } from './saboteur.ts';
import { lanes, sideBySide } from './side-by-side.ts';
import { type Stage, setStage } from './stage.ts';

interface Test {
  title: string;
  run(stage: Stage): Promise<Outcome>;
}

const groups = [
  ...sections.map(({ title, saboteurs }) => ({
    title: `Saboteurs, ${title}: caught is`,
    tests: saboteurs.map((each): Test => ({ title: titleOf(each), run: (stage) => runSaboteur(each, stage) })),
  })),
  {
    title: 'Benign variants: no alarm is given for',
    tests: allBenigns.map((each): Test => ({ title: titleOfBenign(each), run: (stage) => runBenign(each, stage) })),
  },
];

describe('the saboteur suite', function () {
  this.timeout(300_000);
  let stage: Stage;
  const outcomes = new Map<Test, Promise<Outcome>>();

  before(async () => {
    stage = await setStage();
    const tests = groups.flatMap((each) => each.tests);
    // They run ahead, some side by side: each test waits for its own.
    const running = sideBySide(tests, lanes, (test) => test.run(stage));
    for (const [i, test] of tests.entries()) outcomes.set(test, running[i] as Promise<Outcome>);
  });
  after(() => stage?.[Symbol.asyncDispose]());

  for (const { title, tests } of groups) {
    describe(title, () => {
      for (const test of tests) {
        it(test.title, async () => {
          const outcome = await outcomes.get(test);
          if (outcome?.complaints.length !== 0) throw new Error(outcome?.complaints.join('\n') ?? 'it was not run');
        });
      }
    });
  }
});
