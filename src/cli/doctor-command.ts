import { styleText } from 'node:util';
import type { Command } from 'commander';
import { exitStatus, FiredrillError } from '../kit/errors.ts';
import { count, plainLine } from '../kit/text.ts';
import { examineAll } from './doctor/doctor.ts';
import type { DoctorGroup } from './doctor/examine.ts';
import { about } from './help.ts';
import { withProgress } from './progress.ts';
import type { Session } from './session.ts';

const help = about(
  `Looks at Docker and its limits, images, room on the disks, the vault, the reports' folder, keys, clocks, the mail server (it logs in, and
sends nothing), and each service through its host; says what to do about each problem. It changes nothing and pulls nothing.

It does not check: whether any backup is good. firedrill verify and firedrill drill do.`,
  [0, 'no problem was found'],
  [1, 'there are problems'],
  2,
  130,
);

export function addDoctor(program: Command, session: Session): void {
  program
    .command('doctor')
    .description('look at this machine and the services, and say what to do about each problem')
    .addHelpText('after', help)
    .action(async () => {
      const config = await session.config();
      const groups = await withProgress(
        [],
        session.signal,
        (activity) => examineAll(config, session.surroundings, activity),
        session.quiet,
      );
      if (session.signal.aborted) throw new FiredrillError('INTERRUPTED', 'the doctor was interrupted');
      const problems = groups.flatMap((group) => group.findings.filter((each) => !each.ok));
      session.show(describeGroups(groups), { ok: problems.length === 0, groups });
      if (problems.length > 0) session.status = exitStatus.harness;
    });
}

/** One line a finding, what to do beneath each problem, and how many there are at the end. */
export function describeGroups(groups: readonly DoctorGroup[]): string {
  const lines = groups.flatMap(({ title, findings }) => [
    title,
    ...findings.flatMap(({ ok, what, advice }) => [
      `  ${ok ? 'ok     ' : styleText('red', 'PROBLEM', { stream: process.stdout })}  ${plainLine(what)}`,
      ...(ok || advice === undefined ? [] : [`           what to do: ${plainLine(advice)}`]),
    ]),
  ]);
  const problems = groups.flatMap((group) => group.findings).filter((each) => !each.ok).length;
  return [...lines, problems === 0 ? 'no problem was found' : count(problems, 'problem')].join('\n');
}
