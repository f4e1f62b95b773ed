import { plainLine } from '../../kit/text.ts';
import type { Action, RobotStep } from '../../model/scenario.ts';

/** What is done, in one line, for people. */
export function sayAction(action: Action | RobotStep): string {
  switch (action.do) {
    case 'statements':
      return `${action.service}: statements: ${oneLine(action.text)}`;
    case 'script':
      return `${action.service}: a script: ${oneLine(action.text)}`;
    case 'backup':
      return `a ${action.full ? 'full ' : ''}backup of ${action.services.join(', ')}`;
    case 'sync':
      return 'a copy of the backups at the other place';
    case 'lose':
      return `the machine of ${action.service}${action.replica ? "'s replica" : ''} is lost, with its disk`;
    case 'lose-vault':
      return `all that lay in vault ${action.vault} is lost`;
    case 'corrupt':
      return `the newest increment of ${action.service} in vault ${action.vault} is damaged`;
    case 'rebuild':
      return `an empty machine for ${action.service}`;
    case 'restore':
      return `a restore of ${action.service}${partsOf(action.parts)} ${pointOf(action.at)}${action.from ? `, from ${action.from}` : ''}`;
  }
}

const oneLine = (text: string) => plainLine(text.replaceAll(/\s+/g, ' ').trim(), 200);

const partsOf = (parts: string[] | undefined) => (parts ? ` (${parts.join(', ')})` : '');

function pointOf(at: Extract<RobotStep, { do: 'restore' }>['at']): string {
  if (typeof at !== 'string') return 'to right before the disaster';
  const points = {
    newest: 'to the newest point',
    'before-statement': 'to right before the newest destructive statement',
    'last-good': 'to the last good point',
  };
  return points[at];
}
