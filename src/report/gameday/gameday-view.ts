import { count } from '../../kit/text.ts';
import { formatBytes } from '../../kit/units.ts';
import type { AskedRecord, Attempt, GameDayJournal, GameDayOutcome } from '../../model/gameday-journal.ts';
import type { VerdictWord } from '../../model/journal.ts';
import { bounded } from '../view/bounded.ts';
import { duration } from '../view/duration.ts';
import { isolationView } from '../view/isolation-view.ts';
import { instant, line, nameOf, paragraphs, sentence } from '../view/untrusted.ts';
import { minutesView, tookWords, whoOf } from './minutes-view.ts';

const maxRows = 200;
const maxAttempts = 20;
const maxEarlier = 8;

interface Said {
  kind: VerdictWord;
  word: string;
  sign: string;
}

/** How an outcome is called, and which verdict's colours it wears. */
export const outcomeWords: Record<GameDayOutcome, Said> = {
  recovered: { kind: 'pass', word: 'RECOVERED', sign: '✓' },
  'too-late': { kind: 'fail', word: 'TOO LATE', sign: '✕' },
  'not-recovered': { kind: 'fail', word: 'NOT RECOVERED', sign: '✕' },
  aborted: { kind: 'inconclusive', word: 'ABORTED', sign: '?' },
  'not-begun': { kind: 'inconclusive', word: 'NOT BEGUN', sign: '?' },
};

/**
 * All that the report of one game day shows, as plain text; nothing in it is HTML.
 * @param earlier of the same scenario, the newest first
 */
export function gameDayView(journal: GameDayJournal, earlier: readonly GameDayJournal[] = []) {
  const { gameDay, outcome, services, restores, injected, rollBack, notes } = journal;
  return {
    head: headView(journal),
    minutes: minutesView([journal, ...earlier.slice(0, maxEarlier)]),
    compared: earlier.length > 0,
    disaster: {
      situation: paragraphs(gameDay.situation),
      injected: bounded(injected, maxRows, line),
      reason: gameDay.reason,
      roles: gameDay.roles.map(({ role, does }) => ({ role: line(role), does: sentence(does) })),
    },
    timeline: bounded(journal.timeline, maxRows, ({ at, atMs, who, kind, text }) => ({
      at: instant(at),
      since: sinceWords(atMs),
      who: who === 'operator' ? whoOf(journal) : who === 'robot' ? 'the robot' : 'firedrill',
      kind: kind.replaceAll('-', ' '),
      text: sentence(text),
    })),
    checks: [
      askedView('Before the disaster: the steady state', journal.steadyBefore),
      ...journal.attempts.slice(0, maxAttempts).map(attemptView),
      askedView('At the end: the steady state again', journal.steadyAfter),
    ].filter(({ any }) => any),
    restores: bounded(restores, maxRows, ({ id, service, outcome: became, verdict, usedMs }) => ({
      id: line(id),
      service: nameOf(service),
      became: `${line(became)} (${line(verdict)})`,
      took: tookWords(usedMs),
    })),
    lessons: bounded(journal.lessons, maxRows, sentence),
    followUps: bounded(journal.followUps, maxRows, ({ what, who, until }) => ({
      what: sentence(what) || '(nothing)',
      who: line(who) || 'nobody yet',
      until: line(until) || 'no date yet',
    })),
    fill: `firedrill gameday lessons ${gameDay.id}`,
    isolation: isolationView(journal),
    rollBack: bounded(rollBack, maxRows, ({ what, ok, sentence: said }) => ({
      ...{ what: line(what), ok, said: sentence(said) },
    })),
    rolledBack: rollBack.every(({ ok }) => ok) && rollBack.length > 0,
    services: bounded(services, maxRows, (each) => ({
      ...each,
      service: nameOf(each.service),
      title: line(each.title),
      image: line(each.image),
      engineVersion: line(each.engineVersion),
    })),
    notes: bounded(notes, maxRows, sentence),
    facts: factsOf(journal),
    title: `${outcomeWords[outcome.outcome].word} · ${line(gameDay.scenario)} · ${instant(gameDay.startedAt)}`,
  };
}

function headView(journal: GameDayJournal) {
  const { gameDay, outcome, minutes } = journal;
  return {
    ...outcomeWords[outcome.outcome],
    lead: line(gameDay.title),
    sentence: sentence(outcome.sentence),
    scenario: line(gameDay.scenario),
    who: whoOf(journal),
    startedAt: instant(gameDay.startedAt),
    tiles: [
      { label: 'In all', value: tookWords(minutes.totalMs), of: `of ${duration(gameDay.limitMs)}` },
      { label: 'Until it was seen', value: tookWords(minutes.detectionMs), of: '' },
      { label: 'Until it was decided', value: tookWords(minutes.decisionMs), of: '' },
      { label: 'Restoring', value: tookWords(minutes.restoreMs), of: '' },
      { label: 'Verifying', value: tookWords(minutes.verificationMs), of: '' },
    ],
  };
}

/** `+3m 12s` after the disaster, `−40s` before it. */
export const sinceWords = (atMs: number): string => `${atMs < 0 ? '−' : '+'}${duration(Math.abs(atMs))}`;

function attemptView({ claimedMs, recovered, checks }: Attempt, i: number) {
  const what = recovered ? 'it was' : 'it was not';
  return askedView(`Claim ${i + 1}, after ${duration(claimedMs)}: “it is recovered”; ${what}`, checks);
}

function askedView(title: string, asked: readonly AskedRecord[]) {
  const holding = asked.filter(({ holds }) => holds).length;
  const badFirst = asked.toSorted((a, b) => Number(a.holds) - Number(b.holds));
  return {
    title,
    any: asked.length > 0,
    summary: `${holding} of ${count(asked.length, 'check')} held`,
    ...bounded(badFirst, maxRows, ({ service, name, holds, expected, found }) => ({
      ...{ service: nameOf(service), name: line(name), holds, expected: line(expected), found: line(found) },
    })),
  };
}

function factsOf({ gameDay, environment, exitStatus }: GameDayJournal) {
  const { firedrill, node, docker, host, cpus, memoryBytes } = environment;
  return [
    ['Game day', gameDay.id],
    ['Finished', instant(gameDay.finishedAt)],
    ['Exit status', String(exitStatus)],
    ['Machine', `${line(host)}, ${cpus} CPUs, ${formatBytes(memoryBytes)}`],
    ['Software', `firedrill ${line(firedrill)}, Node ${line(node)}, Docker ${line(docker ?? 'unknown')}`],
  ].map(([name = '', value = '']) => ({ name, value }));
}
