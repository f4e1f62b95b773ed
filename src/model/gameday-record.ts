import { offsetsOf } from '../kit/boot-clock.ts';
import { FiredrillError } from '../kit/errors.ts';
import { formatDuration } from '../kit/units.ts';
import type { GameDayEvent } from './gameday-event.ts';
import type { AskedRecord, Attempt, GameDayJournal, TimelineEntry } from './gameday-journal.ts';
import { gameDayStatus, isRecovered, minutesOf, outcomeOf } from './gameday-judge.ts';
import type { Scenario, ScenarioCheck } from './scenario.ts';

/** An event, and when it was: since the disaster by the steady clock, negative before it. */
type Timed<K extends GameDayEvent['kind'] = GameDayEvent['kind']> = Extract<GameDayEvent, { kind: K }> & {
  atMs: number;
};

/** The checks that a claim is held to: what counts as recovered, and the steady state once more. */
export function claimChecks({ recovered, steady }: Pick<Scenario, 'recovered' | 'steady'>): ScenarioCheck[] {
  return [...recovered, ...steady.filter((each) => !recovered.some((other) => isSame(each, other)))];
}

/** What an application is asked. */
export const applicationCheck = 'the application works on the data';

/** All that must be answered, and hold, before something is recovered. */
export function claimed(scenario: Pick<Scenario, 'recovered' | 'steady' | 'applications'>) {
  const applications = scenario.applications.map((service) => ({ service, name: applicationCheck }));
  return [...claimChecks(scenario), ...applications];
}

const isSame = (a: { service: string; name: string }, b: { service: string; name: string }) =>
  a.service === b.service && a.name === b.name;

/** The journal of a game day, from what was written down while it went on; `lessons` come later, by people. */
export function journalOfEvents(events: readonly GameDayEvent[]): GameDayJournal {
  const timed = timedEvents(events);
  const all = <K extends GameDayEvent['kind']>(kind: K) => timed.filter((each): each is Timed<K> => each.kind === kind);
  const [begun] = all('begun');
  if (!begun) throw new FiredrillError('JOURNAL_INVALID', 'what was written down of this game day has no beginning');
  const { scenario, id, operator, robot, environment } = begun;
  const [raised] = all('raised');
  const [ended] = all('ended');
  const attempts = attemptsOf(timed, claimed(scenario));
  const timeline = timelineOf(timed, scenario);
  const penaltyMs = all('hint').reduce((sum, each) => sum + each.costsMs, 0);
  const minutes = minutesOf(timeline, attempts, penaltyMs);
  const outcome = outcomeOf(ended, minutes, { limitMs: scenario.limitMs, attempts });
  const asked = attempts.at(-1)?.checks ?? [];
  return {
    format: 'firedrill-gameday',
    version: 1,
    gameDay: {
      ...{ id, scenario: scenario.name, title: scenario.title, reason: scenario.reason, operator, robot },
      ...{ startedAt: begun.moment.at, finishedAt: (ended ?? timed.at(-1) ?? begun).moment.at },
      ...{ roles: scenario.roles, situation: scenario.situation, limitMs: scenario.limitMs },
    },
    outcome,
    exitStatus: gameDayStatus(outcome.outcome),
    minutes,
    steadyBefore: all('steady')[0]?.checks ?? [],
    injected: all('injected').map(({ what }) => what),
    timeline,
    attempts,
    steadyAfter: asked.filter(
      (each) => each.name === applicationCheck || scenario.steady.some((check) => isSame(check, each)),
    ),
    rollBack: all('rolled-back').at(-1)?.rollBack ?? [],
    restores: all('restored').map(({ record }) => record),
    isolation: raised?.isolation ?? [],
    services: raised?.services ?? [],
    lessons: [],
    followUps: [],
    environment,
    notes: notesOf(timed),
  };
}

function timedEvents(events: readonly GameDayEvent[]): Timed[] {
  const offsets = offsetsOf(events.map(({ moment }) => moment));
  const at = events.findIndex(({ kind }) => kind === 'disaster');
  const zeroMs = offsets[at === -1 ? events.length - 1 : at] ?? 0;
  return events.map((event, i) => ({ ...event, atMs: (offsets[i] ?? 0) - zeroMs }) as Timed);
}

function attemptsOf(timed: readonly Timed[], wanted: readonly Pick<ScenarioCheck, 'service' | 'name'>[]): Attempt[] {
  return timed.flatMap((claim, i) => {
    if (claim.kind !== 'claimed') return [];
    const judged = timed.slice(i).find((each): each is Timed<'judged'> => each.kind === 'judged');
    // The terminal died while the checks ran: nobody knows, so it is none.
    const isItsOwn = judged && !timed.slice(i + 1, timed.indexOf(judged)).some(({ kind }) => kind === 'claimed');
    if (!isItsOwn) return [];
    const { checks, atMs: judgedMs } = judged;
    return [{ claimedMs: claim.atMs, judgedMs, recovered: isRecovered(wanted, checks), checks }];
  });
}

function timelineOf(timed: readonly Timed[], scenario: Scenario): TimelineEntry[] {
  const entries = timed.flatMap((each) => entriesOf(each, scenario));
  return entries.sort((a, b) => a.atMs - b.atMs);
}

function entriesOf(event: Timed, scenario: Scenario): TimelineEntry[] {
  const { atMs, moment } = event;
  const entry = (kind: TimelineEntry['kind'], text: string, who: TimelineEntry['who'] = 'firedrill', agoMs = 0) => ({
    ...{ at: new Date(Date.parse(moment.at) - agoMs).toISOString(), atMs: Math.round(atMs - agoMs), who, kind, text },
  });
  switch (event.kind) {
    case 'raised':
      return [entry('raised', `the stack is up: ${event.services.map(({ service }) => service).join(', ')}`)];
    case 'disaster':
      return [entry('disaster', scenario.title)];
    case 'said':
      return [entry(event.as, event.text, event.who)];
    case 'hint':
      return [entry('hint', `${event.text} (costs ${formatDuration(event.costsMs)})`)];
    case 'restored': {
      const { service } = event.record;
      return [
        entry('restore-began', `restore of ${service}`, event.who, event.beganAgoMs),
        entry('restore-ended', event.sentence, 'firedrill', event.endedAgoMs),
      ];
    }
    case 'claimed':
      return [entry('claim', 'says that it is recovered', event.who)];
    case 'judged':
      return [judgedEntry(entry, event.checks, claimed(scenario))];
    case 'resumed':
      return [entry('resumed', event.steady ? 'a terminal came back' : 'a terminal came back, after a boot')];
    case 'ended':
      return event.how === 'aborted' ? [entry('aborted', event.sentence)] : [];
    case 'rolled-back':
      return [entry('rolled-back', scenario.rollBack)];
    default:
      return [];
  }
}

function judgedEntry(
  entry: (kind: TimelineEntry['kind'], text: string) => TimelineEntry,
  checks: readonly AskedRecord[],
  wanted: readonly Pick<ScenarioCheck, 'service' | 'name'>[],
): TimelineEntry {
  const holding = checks.filter(({ holds }) => holds).length;
  const text = `${holding} of ${wanted.length} checks hold`;
  return isRecovered(wanted, checks) ? entry('verified', text) : entry('refuted', text);
}

function notesOf(timed: readonly Timed[]): string[] {
  const standIns = timed.flatMap((each) => (each.kind === 'raised' ? each.services.filter((one) => one.standIn) : []));
  const boots = timed.filter((each) => each.kind === 'resumed' && !each.steady).length;
  return [
    ...standIns.map(({ service, title }) => `${service} was a stand-in for ${title}`),
    ...(boots > 0
      ? ['the machine was started anew meanwhile: the time of that gap is by the wall clock, which may have been set']
      : []),
  ];
}
