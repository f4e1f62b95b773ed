import type { Command } from 'commander';
import { configJsonSchema } from '../config/json-schema.ts';
import { readConfig } from '../config/load.ts';
import { unreadableFiles } from '../config/named-files.ts';
import { configWarnings } from '../config/warnings.ts';
import { FiredrillError } from '../kit/errors.ts';
import { count, plainLine } from '../kit/text.ts';
import { about } from './help.ts';
import type { Session } from './session.ts';

const checkHelp = about(
  `Lists all problems at once, each with its line, its key, the value and what is allowed; then the secrets, keys and other
files that the configuration names and that cannot be read. Warnings do not change the exit status.

It does not check: whether Docker, hosts and services answer. firedrill doctor does.`,
  [0, 'the configuration can be used'],
  [2, 'it has problems'],
  130,
);

const schemaHelp = about(
  `For editors that know JSON schema; firedrill init writes the same beside the configuration.`,
  0,
  2,
);

export function addConfig(program: Command, session: Session): void {
  const config = program.command('config').description('judge the configuration');
  config
    .command('check')
    .description('list everything that is wrong in the configuration')
    .addHelpText('after', checkHelp)
    .action(() => session.interruptible(checkConfig(session)));
  config
    .command('schema')
    .description('print the JSON schema of the configuration')
    .addHelpText('after', schemaHelp)
    .action(() => session.screen.print(JSON.stringify(configJsonSchema(session.engines), null, 2)));
}

async function checkConfig(session: Session): Promise<void> {
  const { config, missingSecrets, missingOfTargets } = await readConfig(
    session.configFile,
    session.engines,
    session.environment,
  );
  const warnings = [
    ...configWarnings(config),
    ...missingOfTargets.map((each) => `${each}; a restore into that target will need it`),
  ];
  for (const warning of warnings) session.remark(`warning: ${plainLine(warning)}`);
  const absent = [...missingSecrets, ...(await unreadableFiles(config))];
  if (absent.length > 0) {
    const hint = 'Make these files, or set these variables; firedrill init --keys makes a pair of keys.';
    const sentence = `${session.configFile} is well-formed, but ${count(absent.length, 'thing')} that it names cannot be used`;
    throw new FiredrillError('SECRET_MISSING', sentence, { detail: absent, hint });
  }
  const names = config.services.map(({ service }) => service);
  const text = `${session.configFile} is good: ${count(names.length, 'service')} (${names.join(', ')})`;
  session.show(text, { ok: true, file: config.file, services: names, warnings });
}
