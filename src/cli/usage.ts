import { type Command, CommanderError } from 'commander';
import { FiredrillError } from '../kit/errors.ts';
import type { Session } from './session.ts';

const wellEnded = ['commander.helpDisplayed', 'commander.help', 'commander.version'];

/**
 * Commander prints and exits by itself; here its errors become USAGE, and all output goes where the session wants it.
 * @param whole with all commands, which an error may tell of
 */
export function asUsageErrors(program: Command, session: Session, whole: () => Promise<Command>): Command {
  for (const command of allOf(program)) {
    command.exitOverride((error) => {
      throw error;
    });
    command.configureOutput({
      writeOut: (text) => session.screen.print(text.trimEnd()),
      // Errors are printed by whoever runs the program, in their one form.
      writeErr: () => {},
      outputError: () => {},
    });
  }
  const parse = program.parseAsync.bind(program);
  program.parseAsync = async (args, options) => {
    try {
      return await parse(args, options);
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      if (wellEnded.includes(error.code) && error.exitCode === 0) return program;
      throw usageError(error, await whole());
    }
  };
  return program;
}

function allOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allOf)];
}

function usageError({ message, code }: CommanderError, program: Command): FiredrillError {
  const [what = '', suggestion] = message.replace(/^error: /, '').split('\n');
  const near = /\(Did you mean (.*)\?\)/.exec(suggestion ?? '')?.[1];
  if (near) return new FiredrillError('USAGE', what, { hint: `Did you mean ${near}? Else run: firedrill --help` });
  const detail = code === 'commander.unknownCommand' || code === 'commander.help' ? [commandsOf(program)] : [];
  const sentence = code === 'commander.help' ? 'a command is missing' : what;
  return new FiredrillError('USAGE', sentence, { detail, hint: 'Run: firedrill --help' });
}

function commandsOf(program: Command): string {
  const names = program.commands.flatMap((command) => {
    const inner = command.commands.map((each) => `${command.name()} ${each.name()}`);
    // A group does nothing by itself; `report` does.
    return ['config', 'ledger'].includes(command.name()) ? inner : [command.name(), ...inner];
  });
  return `commands are: ${names.join(', ')}`;
}
