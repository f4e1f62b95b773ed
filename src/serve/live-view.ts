import { formatBytes } from '../kit/units.ts';
import type { RunningService, RunningStep } from '../model/running-drill.ts';
import type { RunningGameDay } from '../report/gameday/running-gameday.ts';
import { duration } from '../report/view/duration.ts';
import { instant, line, nameOf } from '../report/view/untrusted.ts';
import { liveGameDay } from './live-game-day.ts';
import type { SeenDrill } from './running-drills.ts';

/** What the live page shows, as plain text. `now`: of this machine. */
export function liveView(seen: readonly SeenDrill[], now: Date, gameDay?: RunningGameDay) {
  return { gameDay: liveGameDay(gameDay), drills: seen.map((each) => drillView(each, now)) };
}

const said = { running: 'running', ended: 'ended', lost: 'cut off: its process is gone' } as const;

function drillView({ drill: { begin, services, recent, end }, state }: SeenDrill, now: Date) {
  const elapsedMs = end?.atMs ?? Math.max(now.getTime() - Date.parse(begin.startedAt), 0);
  return {
    name: nameOf(begin.name),
    vault: line(begin.vault),
    startedAt: instant(begin.startedAt),
    kind: end?.verdict ?? (state === 'running' ? 'running' : 'inconclusive'),
    state: end?.verdict ? `ended: ${end.verdict}` : said[state],
    isRunning: state === 'running',
    elapsed: state === 'lost' ? '' : duration(Math.floor(elapsedMs / 1000) * 1000).replace('.0\u00a0s', '\u00a0s'),
    rto: duration(begin.rtoMs),
    reportHref: end?.folder ? `/${end.folder}/report.html` : '',
    services: services.map((each) => serviceView(each, state === 'running')),
    recent: recent.map((step) => ({ at: duration(step.atMs), what: stepWords(step) })),
  };
}

function serviceView({ service, step, done }: RunningService, isRunning: boolean) {
  const { bytes, totalBytes } = step ?? {};
  const percent = bytes !== undefined && totalBytes ? Math.min((100 * bytes) / totalBytes, 100) : null;
  return {
    service: service === null ? 'the drill itself' : nameOf(service),
    now: step ? `${line(step.phase)}: ${line(step.text)}` : isRunning ? 'waiting' : 'nothing was done',
    bytes: bytes === undefined ? '' : `${formatBytes(bytes)}${totalBytes ? ` of ${formatBytes(totalBytes)}` : ''}`,
    percent: percent === null ? '' : percent.toFixed(1),
    hasBar: percent !== null,
    done: done.map(line).join(', '),
  };
}

const stepWords = ({ service, phase, text }: RunningStep) =>
  `${service === null ? 'the drill itself' : nameOf(service)}: ${line(phase)}: ${line(text)}`;
