import { plainLine } from '../kit/text.ts';
import type { Journal } from '../model/journal.ts';
import { findingsView } from './view/findings-view.ts';
import { sentence } from './view/untrusted.ts';

/** GitHub shows ten of a kind for each step and drops the rest: the verdict is one of them. */
const maxOfAKind = 9;

/**
 * The journal as workflow commands of GitHub Actions (`::error title=…::…`), one a line: first the verdict, then what was
 * found, the worst first. Whatever is not a pass is an error, because the job fails by it. The form is that of "Workflow
 * commands for GitHub Actions". Untrusted names cannot end a line or begin a command.
 */
export function renderAnnotations(journal: Journal): string {
  const { verdict, drill } = journal;
  const kind = verdict.verdict === 'pass' ? 'notice' : 'error';
  const { shown, total } = findingsView(journal);
  const errors = shown.filter(({ outcome }) => outcome !== 'warning').slice(0, maxOfAKind);
  const warnings = shown.filter(({ outcome }) => outcome === 'warning').slice(0, maxOfAKind);
  const more = total - errors.length - warnings.length;
  const found = [...errors, ...warnings].map(({ outcome, check, service, sentence: said, next }) => {
    const advice = next.given ? ` Next: ${next.before}${next.command}${next.after}` : '';
    return command(outcome === 'warning' ? 'warning' : 'error', `${check}: ${service}`, `${said}${advice}`);
  });
  return [
    command(kind, `${drill.name}: ${verdict.verdict}`, sentence(verdict.sentence)),
    ...found,
    ...(more > 0 ? [command('notice', 'more', `${more} more findings are in the report`)] : []),
  ].join('\n');
}

function command(kind: 'error' | 'warning' | 'notice', title: string, message: string): string {
  const property = escaped(plainLine(title, 200)).replaceAll(':', '%3A').replaceAll(',', '%2C');
  return `::${kind} title=${property}::${escaped(message)}`;
}

const escaped = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
