import pMap from 'p-map';
import { FiredrillError, isFiredrillError } from '../../../kit/errors.ts';
import { count, plainLine } from '../../../kit/text.ts';
import { Look } from '../../../model/check.ts';
import type { Answerer, LiveChecked } from '../../engine.ts';
import { dangling } from '../database/semantics.ts';
import type { GrafanaFacts } from '../facts.ts';
import type { Panel, Question } from '../panels/read-panels.ts';

const concurrency = 4;

/** What a panel is held to. */
export interface Promised {
  /** Ids of panels that had data. */
  withData: readonly string[];
  /** `manifest`: measured at the source when it was backed up. `last drill`: the source may have changed since. */
  by: 'manifest' | 'last drill';
}

interface Seen {
  panel: Panel;
  /** `data` of at least one question, else what came of them. */
  state: 'data' | 'empty' | 'refused' | 'not looked at';
  /** What the database said against it. */
  why: string;
}

/**
 * Does every panel's query find data in the restored databases? A panel that was promised to have data, and has none, is a
 * failure where the manifest promises it; where only the last drill had seen data the source itself may have lost it.
 */
export async function checkLive(
  service: string,
  facts: Pick<GrafanaFacts, 'semantics'>,
  panels: readonly Panel[],
  answerers: readonly Answerer[],
  promised: Promised | undefined,
  signal: AbortSignal,
): Promise<LiveChecked> {
  const look = new Look('dashboards-live', service, 'panels and their data sources', panels.length + 1).sawOne();
  const seen = await pMap(panels, (panel) => lookAt(panel, answerers, signal), { concurrency });
  look.sawOne(seen.length);
  judgeSources(look, service, facts, panels);
  judgePromises(look, service, seen, promised);
  const withData = seen.filter(({ state }) => state === 'data').map(({ panel }) => panel.id);
  const asked = seen.filter(({ state }) => state !== 'not looked at').length;
  const promise = promised === undefined ? 'no promise' : String(promised.withData.length);
  look.compare(`panels with data, of ${asked} that ask a restored database`, promise, withData.length);
  return { result: look.result(), panelsWithData: withData, notes: notLookedAt(service, panels, answerers) };
}

async function lookAt(panel: Panel, answerers: readonly Answerer[], signal: AbortSignal): Promise<Seen> {
  let state: Seen['state'] = 'not looked at';
  let why = '';
  for (const question of panel.questions) {
    if (signal.aborted) throw new FiredrillError('INTERRUPTED', 'the panels were looked at no further');
    const answerer = answererOf(question, answerers);
    if (question.kind !== 'influxql' || !answerer) continue;
    try {
      const statement = question.statement(new Date(answerer.dataAt));
      if (await answerer.findsData(statement)) return { panel, state: 'data', why: '' };
      if (state !== 'refused') state = 'empty';
    } catch (error) {
      if (!isFiredrillError(error, 'TOOL_FAILED', 'SOURCE_DENIED')) throw error;
      state = 'refused';
      why = error.message;
    }
  }
  return { panel, state, why };
}

/** The restored service that holds the data source's database: in the pod its address is the pod's own. */
function answererOf(question: Question, answerers: readonly Answerer[]): Answerer | undefined {
  if (question.kind !== 'influxql') return undefined;
  const holding = answerers.filter(({ database }) => database === question.source.database);
  // Of two of the same name nobody knows which one is meant.
  return holding.length === 1 ? holding[0] : undefined;
}

function judgeSources(look: Look, service: string, facts: Pick<GrafanaFacts, 'semantics'>, panels: readonly Panel[]) {
  const known = new Set(facts.semantics.problems);
  const missing = panels.flatMap(({ dashboard, questions }) =>
    questions.flatMap((each) => (each.kind === 'dangling' ? [dangling(dashboard, each.name)] : [])),
  );
  for (const problem of new Set(missing)) {
    const sentence = `${service}: ${problem}`;
    // The source had it wrong already: no fault of the backup, and still nobody sees anything there.
    if (known.has(problem)) look.warn({ sentence: `${sentence}: it was so at the source` });
    else look.fail({ sentence, expected: 'a data source', found: 'none' });
  }
}

function judgePromises(look: Look, service: string, seen: readonly Seen[], promised: Promised | undefined) {
  const byId = new Map(seen.map((each) => [each.panel.id, each]));
  for (const id of promised?.withData ?? []) {
    const each = byId.get(id);
    if (each?.state === 'data' || each?.state === 'not looked at') continue;
    const where = each ? `panel ${say(each.panel)}` : `panel ${plainLine(id, 100)}`;
    const found = !each ? 'no such panel' : each.state === 'empty' ? 'no data' : each.why;
    const when = promised?.by === 'manifest' ? 'when it was backed up' : 'in the last drill that passed';
    const finding = { sentence: `${service}: ${where} had data ${when}, and has none now`, expected: 'data', found };
    if (promised?.by === 'manifest') look.fail({ ...finding, next: `firedrill backup ${service} --full` });
    else look.warn(finding);
  }
  const known = new Set(promised?.withData);
  for (const { panel, why } of seen.filter(({ state, panel }) => state === 'refused' && !known.has(panel.id))) {
    const sentence = `${service}: the query of panel ${say(panel)} cannot be run`;
    look.warn({ sentence, expected: 'an answer', found: why });
  }
}

const say = ({ title, dashboard, id }: Panel) => `${title || id.slice(id.lastIndexOf('/') + 1)} of ${dashboard}`;

/** Said aloud, so that nobody takes them for looked at. */
function notLookedAt(service: string, panels: readonly Panel[], answerers: readonly Answerer[]): string[] {
  const reasons = panels.flatMap((panel) => {
    const asks = panel.questions.filter((question) => !answererOf(question, answerers) && question.kind !== 'dangling');
    return asks.length === panel.questions.length ? [...new Set(asks.map(reasonOf))] : [];
  });
  return [...Map.groupBy(reasons, (reason) => reason)].map(([reason, all]) => {
    return `${service}: ${count(all.length, 'panel was', 'panels were')} not looked at: ${reason}`;
  });
}

function reasonOf(question: Question): string {
  if (question.kind === 'influxql')
    return `no one restored service holds the database ${plainLine(question.source.database, 60)}`;
  return `${question.kind === 'other' ? plainLine(question.type, 60) : 'a missing data source'} is not asked by this version`;
}
