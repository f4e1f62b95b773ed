import { join } from 'node:path';
import { isFiredrillError } from '../kit/errors.ts';
import { plainLine } from '../kit/text.ts';
import { type MailState, mailStateOf } from '../model/delivery.ts';
import { type DrillSummary, summaryOf } from '../model/drill-summary.ts';
import type { VerdictWord } from '../model/journal.ts';
import { readDeliveries } from './deliveries.ts';
import { drillFolders } from './drill-folders.ts';
import { type Metric, metricsText, type Sample } from './metrics-text.ts';
import { journalFile, readJournal } from './read-journal.ts';
import { metricsOf } from './render-metrics.ts';

/** Three months of nights. */
const maxDrills = 100;
/** A name that was drilled once by hand need not be shown for ever; a monthly drill must be. */
const nameDays = 45;

/** What is kept of one drill, once its journal has been read. */
interface KnownDrill {
  summary: DrillSummary;
  metrics: Metric[];
}

interface Mailed {
  state: MailState;
  /** The newest that was accepted for somebody. */
  acceptedAt: string | null;
}

/**
 * The state of all drills in a reports' folder, as metrics: of each name its newest drill of the newest backups, of each service what is
 * proven, mail, and the share of planted faults that were found. Journals do not change, so that each is read once.
 */
export class StateMetrics {
  readonly #folder: string;
  readonly #known = new Map<string, KnownDrill | null>();
  #running: Promise<string> | undefined;

  constructor(reportsFolder: string) {
    this.#folder = reportsFolder;
  }

  /** Whoever asks while it is at work gets the same answer. */
  render(): Promise<string> {
    this.#running ??= this.#render().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #render(): Promise<string> {
    const ids = (await drillFolders(this.#folder)).reverse().slice(0, maxDrills);
    for (const id of this.#known.keys()) if (!ids.includes(id)) this.#known.delete(id);
    const drills: [id: string, KnownDrill][] = [];
    for (const id of ids) {
      const drill = await this.#read(id);
      if (drill) drills.push([id, drill]);
    }
    const mails = new Map<string, Mailed>();
    for (const [id] of drills) mails.set(id, mailedOf(await readDeliveries(join(this.#folder, id))));
    return metricsText(metricsOfAll(drills, mails));
  }

  async #read(id: string): Promise<KnownDrill | null> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    try {
      const journal = await readJournal(join(this.#folder, id, journalFile));
      const summary = summaryOf(journal);
      const drill = summary ? { summary, metrics: metricsOf(journal) } : null;
      this.#known.set(id, drill);
      return drill;
    } catch (error) {
      // It may be written just now.
      if (isFiredrillError(error, 'JOURNAL_INVALID')) return null;
      throw error;
    }
  }
}

function mailedOf(records: Awaited<ReturnType<typeof readDeliveries>>): Mailed {
  const accepted = records.filter((each) => each.channel === 'mail' && each.accepted.length > 0);
  return { state: mailStateOf(records), acceptedAt: accepted.at(-1)?.at ?? null };
}

/** Newest first. */
function metricsOfAll(drills: readonly [string, KnownDrill][], mails: ReadonlyMap<string, Mailed>): Metric[] {
  const nightly = drills.filter(([, { summary }]) => summary.ofNewestPoint);
  const newestMs = Date.parse(nightly[0]?.[1].summary.startedAt ?? '');
  const recent = nightly.filter(([, { summary }]) => newestMs - Date.parse(summary.startedAt) < nameDays * 86_400_000);
  const ofNames = [...Map.groupBy(recent, ([, { summary }]) => summary.name).values()].flatMap((all) =>
    all.slice(0, 1),
  );
  const summaries = nightly.map(([, { summary }]) => summary);
  return [
    ...ofNames.flatMap(([, { metrics }]) => metrics),
    [
      'mail_accepted',
      'Whether the mail about the newest drill was accepted for everybody: 1, else 0.',
      mailSamples(ofNames, mails),
    ],
    [
      'mail_accepted_timestamp_seconds',
      'When a mail server accepted the newest mail, as Unix time.',
      newestMail(mails),
    ],
    ...proofs(summaries),
    ...plantedFaults(summaries),
  ];
}

function mailSamples(newest: readonly [string, KnownDrill][], mails: ReadonlyMap<string, Mailed>): Sample[] {
  return newest.map(([id, { summary }]) => {
    const state = mails.get(id)?.state ?? 'none';
    return [{ drill: plainLine(summary.name) }, state === 'none' ? null : Number(state === 'accepted')];
  });
}

function newestMail(mails: ReadonlyMap<string, Mailed>): Sample[] {
  const times = [...mails.values()].flatMap(({ acceptedAt }) => (acceptedAt === null ? [] : [Date.parse(acceptedAt)]));
  return times.length === 0 ? [] : [[{}, Math.max(...times) / 1000]];
}

const words: readonly VerdictWord[] = ['pass', 'fail', 'inconclusive'];

/** Of each service and vault: what the newest drill says of it alone, and the newest data that a drill has restored whole. */
function proofs(summaries: readonly DrillSummary[]): Metric[] {
  const outcomes: Sample[] = [];
  const instants: Sample[] = [];
  const all = summaries.flatMap(({ vault, services }) => services.map((each) => ({ vault, ...each })));
  for (const own of Map.groupBy(all, ({ vault, service }) => JSON.stringify([vault, service])).values()) {
    const [newest] = own;
    if (!newest) continue;
    const labels = { service: plainLine(newest.service), vault: plainLine(newest.vault) };
    outcomes.push(...words.map((word): Sample => [{ ...labels, outcome: word }, Number(newest.outcome === word)]));
    const times = own.flatMap(({ outcome, dataAt }) =>
      outcome === 'pass' && dataAt !== null ? [Date.parse(dataAt)] : [],
    );
    instants.push([labels, times.length === 0 ? null : Math.max(...times) / 1000]);
  }
  return [
    ['service_outcome', 'Whether the newest drill of this service ended with this outcome of it: 1, else 0.', outcomes],
    [
      'verified_data_timestamp_seconds',
      'Instant of the newest backup that a drill has restored whole, as Unix time.',
      instants,
    ],
  ];
}

/** The kill rate: of the faults that drills have planted, how many were found. */
function plantedFaults(summaries: readonly DrillSummary[]): Metric[] {
  const planted = summaries.filter(({ plantedCaught }) => plantedCaught !== null);
  const caught = planted.filter(({ plantedCaught }) => plantedCaught === true).length;
  if (planted.length === 0) return [];
  return [
    ['planted_faults', 'Faults that the last drills have planted.', [[{}, planted.length]]],
    ['planted_faults_found', 'Of these, how many were found.', [[{}, caught]]],
    ['kill_rate', 'Share of planted faults that were found, from 0 to 1.', [[{}, caught / planted.length]]],
  ];
}
