import pMap from 'p-map';
import type { Activity } from '../../../kit/activity.ts';
import { FiredrillError } from '../../../kit/errors.ts';
import { count, plainLine } from '../../../kit/text.ts';
import { type CheckResult, Look } from '../../../model/check.ts';
import type { Carried, CarryJob } from '../../engine.ts';
import { GrafanaClient } from '../client.ts';
import { hashOf, isObject, type JsonObject } from '../database/json-content.ts';
import { RestoredGrafana } from '../restore.ts';
import type { GrafanaSettings } from '../settings.ts';
import { organisationHolding } from './chosen.ts';
import { type CopiedDashboard, comparable, copiesOf } from './copied-dashboard.ts';
import { describe, LiveGrafana } from './live.ts';

const readAtOnce = 4;

interface Folder {
  id: unknown;
  uid: unknown;
  title: string;
}

/** A dashboard that stands at the target. */
interface Saved {
  copy: CopiedDashboard;
  uid: string;
}

/**
 * Puts some dashboards, as the pod's server shows them, into a new folder of a Grafana that runs, through its API: under new uids,
 * so that today's dashboards stay as they are.
 */
export async function carryDashboards(
  job: CarryJob<GrafanaSettings>,
  uids: readonly string[],
  activity: Activity,
): Promise<Carried> {
  const { target, restored, stamp, begin } = job;
  if (!(restored instanceof RestoredGrafana)) throw new FiredrillError('INTERNAL', 'this is no restored Grafana');
  const live = new LiveGrafana(target, activity.signal);
  const copies = await readCopies(restored, await live.organisation(), uids, activity.signal);
  const folder = await makeFolder(live, folderTitle(stamp), begin);
  const saved: Saved[] = [];
  for (const copy of copies) {
    saved.push(await save(live, copy, folder));
    const text = `${saved.length} of ${count(copies.length, 'dashboard')}`;
    activity.tell({ service: target.service, phase: 'carry', text });
  }
  return {
    results: [await compare(live, target.service, folder, saved)],
    notes: saved.flatMap(notesOf),
    place: `${sayFolder(folder)} (${count(saved.length, 'dashboard')})`,
  };
}

async function readCopies(
  { server, login, rebuilt }: RestoredGrafana,
  live: Awaited<ReturnType<LiveGrafana['organisation']>>,
  uids: readonly string[],
  signal: AbortSignal,
): Promise<CopiedDashboard[]> {
  const organisation = organisationHolding(rebuilt.facts, live, uids);
  const pod = new GrafanaClient(() => server.socketPath(), signal, login);
  const read = async (uid: string) => {
    const answer = await pod.get(`/api/dashboards/uid/${encodeURIComponent(uid)}`, organisation.id);
    const dashboard = dashboardIn(answer.body);
    if (answer.status === 200 && dashboard) return { uid, dashboard };
    const sentence = `the restored Grafana does not show dashboard ${plainLine(uid, 40)}: ${describe(answer)}`;
    throw new FiredrillError('RESTORE_FAILED', sentence);
  };
  return copiesOf(await pMap(uids, read, { concurrency: readAtOnce }));
}

const dashboardIn = (body: unknown) => (isObject(body) && isObject(body.dashboard) ? body.dashboard : undefined);

/** `20261124T013007Z` → `restored 2026-11-24 01:30:07 UTC`. */
export function folderTitle(stamp: string): string {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp) ?? [];
  return `restored ${year}-${month}-${day} ${hour}:${minute}:${second} UTC`;
}

const sayFolder = ({ title }: Pick<Folder, 'title'>) => `folder ${title}`;

/** The first change: a refusal has changed nothing, and where there is no answer nobody knows. */
async function makeFolder(live: LiveGrafana, title: string, begin: CarryJob<unknown>['begin']): Promise<Folder> {
  const place = sayFolder({ title });
  const answer = await live.ask('/api/folders', { title }).catch((error: unknown) => {
    if (!(error instanceof FiredrillError && error.code === 'SOURCE_DENIED')) begin(place);
    throw error;
  });
  if (answer.status !== 200 || !isObject(answer.body)) throw refused(place, describe(answer));
  begin(place);
  const { id, uid } = answer.body;
  return { id, uid, title };
}

async function save(live: LiveGrafana, copy: CopiedDashboard, folder: Folder): Promise<Saved> {
  const { uid: old, content } = copy;
  const answer = await live.ask('/api/dashboards/db', {
    dashboard: { ...content, id: null },
    // Versions before 8 know the number only, later ones go by the uid.
    folderId: folder.id,
    folderUid: folder.uid,
    overwrite: false,
    message: `dashboard ${old}, restored by firedrill`,
  });
  const uid = isObject(answer.body) ? answer.body.uid : undefined;
  if (answer.status === 200 && typeof uid === 'string' && uid !== old) return { copy, uid };
  throw refused(`dashboard ${plainLine(old, 40)}`, describe(answer));
}

function refused(what: string, said: string) {
  return new FiredrillError('TARGET_FAILED', `Grafana did not take ${what}: it answers ${said}`);
}

/** Each is asked for once more, and held to what the pod's server had shown. */
async function compare(
  live: LiveGrafana,
  service: string,
  folder: Folder,
  saved: readonly Saved[],
): Promise<CheckResult> {
  const look = new Look('content', service, 'dashboards', saved.length);
  for (const { copy, uid } of saved) {
    const answer = await live.ask(`/api/dashboards/uid/${encodeURIComponent(uid)}`);
    const found = dashboardIn(answer.body);
    const name = `dashboard ${plainLine(copy.uid, 40)}`;
    look.sawOne();
    if (answer.status !== 200 || !found) {
      look.fail({ sentence: `${service}: ${name} was taken, and is not there: ${describe(answer)}` });
      continue;
    }
    if (!isIn(folder, answer.body)) look.fail({ sentence: `${service}: ${name} is not in ${sayFolder(folder)}` });
    const differing = differences(comparable(copy.content), comparable(found));
    if (differing.length === 0) continue;
    const keys = differing.map((key) => plainLine(key, 40)).join(', ');
    look.fail({ sentence: `${service}: ${name} is not what was proven: ${keys} differ` });
  }
  return look.result();
}

function isIn({ id, uid }: Folder, body: unknown): boolean {
  const meta = isObject(body) && isObject(body.meta) ? body.meta : {};
  return meta.folderUid === undefined ? meta.folderId === id : meta.folderUid === uid;
}

/** Keys of the outermost level. */
function differences(expected: JsonObject, found: JsonObject): string[] {
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  return keys.filter((key) => hashOf(expected[key] ?? null) !== hashOf(found[key] ?? null));
}

function notesOf({ copy, uid }: Saved): string[] {
  const { title } = copy.content;
  const old = plainLine(copy.uid, 40);
  const is = `dashboard ${old} is there as ${plainLine(uid, 40)}: ${plainLine(String(title), 100)}`;
  if (copy.alerts === 0) return [is];
  return [
    is,
    `${count(copy.alerts, 'alert')} of ${old} ${copy.alerts === 1 ? 'was' : 'were'} left out: it would notify twice`,
  ];
}
