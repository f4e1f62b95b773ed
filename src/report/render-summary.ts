import type { Journal } from '../model/journal.ts';
import { applicationLines } from './view/applications-view.ts';
import { duration } from './view/duration.ts';
import { findingsView } from './view/findings-view.ts';
import { plantedView } from './view/planted-view.ts';
import { servicesView } from './view/services-view.ts';
import { sentence } from './view/untrusted.ts';

const signs = { pass: '✅', fail: '❌', inconclusive: '⚠️' } as const;

/**
 * The journal as GitHub-flavoured Markdown for a job's summary: verdict, restore time, a row for each service, findings.
 * Well under the megabyte that GitHub takes. Whatever may come from a backup is written in character references, which
 * are never markup, a link or a mention.
 */
export function renderSummary(journal: Journal): string {
  const { verdict, rto, drill } = journal;
  const services = servicesView(journal);
  const used = rto.usedMs === null ? 'not reached' : duration(rto.usedMs);
  return [
    `## ${signs[verdict.verdict]} ${verdict.verdict}: ${inert(sentence(verdict.sentence))}`,
    '',
    `Drill \`${drill.id}\` · restore time **${used}** of ${duration(rto.objectiveMs)} · from the vault ${inert(drill.vault)}`,
    '',
    '| service | engine | outcome | back in | would lose | newest backup |',
    '|---|---|---|---|---|---|',
    ...services.shown.map(serviceRow),
    ...applications(journal),
    ...planted(journal),
    ...findings(journal),
  ].join('\n');
}

type ServiceView = ReturnType<typeof servicesView>['shown'][number];

function serviceRow({ service, engine, word, ready, rpo, rpoObjective, members }: ServiceView): string {
  const { title, version, standIn } = engine;
  const lost = rpo === null ? '' : `${rpo.measured} of ${rpoObjective}`;
  const newest = members.shown.at(-1)?.id ?? 'none';
  const cells = [service, `${title} ${version}${standIn ? ' (stand-in)' : ''}`, word, ready, lost, newest];
  return `| ${cells.map(inert).join(' | ')} |`;
}

function planted(journal: Journal): string[] {
  const view = plantedView(journal);
  return view === undefined ? [] : ['', `Planted: ${inert(view.title)}; caught by: ${inert(view.caughtBy)}`];
}

function applications(journal: Journal): string[] {
  return applicationLines(journal).flatMap((each) => ['', inert(each)]);
}

function findings(journal: Journal): string[] {
  const { shown, total } = findingsView(journal);
  if (shown.length === 0) return [];
  const items = shown.map(({ word, check, service, sentence: said, next }) => {
    const advice = next.given ? `; next: ${inert(`${next.before}${next.command}${next.after}`)}` : '';
    return `- **${word}** ${check}, ${inert(service)}: ${inert(said)}${advice}`;
  });
  const more = total - shown.length;
  return ['', '### Findings', '', ...items, ...(more > 0 ? [`- and ${more} more, in the report`] : [])];
}

/** Every sign of ASCII that Markdown, HTML or GitHub's own links and mentions could take for theirs. */
const inert = (text: string) => text.replace(/[!-,./:-@[-`{-~]/g, (sign) => `&#${sign.charCodeAt(0)};`);
