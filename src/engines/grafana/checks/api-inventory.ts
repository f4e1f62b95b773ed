import pMap from 'p-map';
import { plainLine } from '../../../kit/text.ts';
import type { GrafanaClient } from '../client.ts';
import { type Kind, kinds } from '../database/inventory.ts';
import { arrayOf, dashboardHash, isObject, type JsonObject } from '../database/json-content.ts';
import type { GrafanaFacts } from '../facts.ts';

/** What the running server says of one organisation. */
export interface ApiInventory {
  id: number;
  /** Keys as in the facts. Kinds that this version cannot be asked for are absent. */
  lists: Partial<Record<Kind, string[]>>;
  /** uid → hash of the dashboard; null when the server could not show it. */
  dashboards: Map<string, string | null>;
  /** Questions that were not answered as they should be, in sentences. */
  problems: string[];
}

export interface ServerAnswers {
  /** `name (id)` of each. */
  organisations: string[];
  each: ApiInventory[];
}

interface Question {
  kind: Kind;
  path: string;
  /** Listed page by page, from 1. */
  paged?: boolean;
  /** The key of one element. */
  key: (element: JsonObject) => unknown;
  /** The last major version that can be asked; that one may answer 404. */
  until?: number;
}

const pageLength = 1_000;
const concurrency = 4;

const questions: readonly Question[] = [
  { kind: 'dashboards', path: `/api/search?type=dash-db&limit=${pageLength}`, paged: true, key: ({ uid }) => uid },
  { kind: 'folders', path: `/api/search?type=dash-folder&limit=${pageLength}`, paged: true, key: ({ uid }) => uid },
  { kind: 'dataSources', path: '/api/datasources', key: ({ name }) => name },
  { kind: 'alerts', path: '/api/alerts', key: ({ dashboardUid, panelId }) => `${dashboardUid}/${panelId}`, until: 8 },
  { kind: 'channels', path: '/api/alert-notifications', key: ({ name }) => name, until: 8 },
  { kind: 'users', path: '/api/org/users', key: ({ login }) => login },
  { kind: 'teams', path: `/api/teams/search?perpage=${pageLength}`, paged: true, key: ({ name }) => name },
  { kind: 'playlists', path: '/api/playlists', key: ({ id, name }) => `${name} (${id})`, until: 8 },
];

/** As a server admin: all organisations, also those without dashboards. */
export async function askOrganisations(client: GrafanaClient): Promise<string[]> {
  const { body } = await client.get('/api/orgs?perpage=10000');
  return arrayOf(body).map(({ id, name }) => `${name} (${id})`);
}

/** Asks for all that can be asked of one organisation, and opens every dashboard that the backup had. */
export async function askOrganisation(
  client: GrafanaClient,
  org: GrafanaFacts['organisations'][number],
  major: number,
  ownLogin: string,
): Promise<ApiInventory> {
  const answer: ApiInventory = { id: org.id, lists: {}, dashboards: new Map(), problems: [] };
  for (const question of questions.filter(({ until = Number.POSITIVE_INFINITY }) => major <= until)) {
    const keys = await ask(client, question, org, answer.problems, major);
    if (keys) answer.lists[question.kind] = keys;
  }
  // The user as whom we ask was made a member of every organisation.
  const members = answer.lists.users;
  if (members && !org.items.users.some(({ key }) => key === ownLogin)) {
    answer.lists.users = members.filter((login) => login !== ownLogin);
  }
  const hash = async ({ key }: { key: string }) => [key, await openDashboard(client, key, org.id)] as const;
  answer.dashboards = new Map(await pMap(org.items.dashboards, hash, { concurrency }));
  return answer;
}

async function ask(
  client: GrafanaClient,
  { kind, path, paged, key, until }: Question,
  org: { id: number; name: string },
  problems: string[],
  major: number,
): Promise<string[] | undefined> {
  const keys: string[] = [];
  for (let page = 1; ; page += 1) {
    const { status, body } = await client.get(paged ? `${path}&page=${page}` : path, org.id);
    // Grafana 8 answers so where its new alerting has taken the old one's place.
    if (status === 404 && major === until) return undefined;
    const elements = isObject(body) ? body.teams : body;
    if (status !== 200 || !Array.isArray(elements)) {
      problems.push(
        `the restored server does not list the ${kinds[kind]} of ${org.name}: it answers ${describe(status, body)}`,
      );
      return undefined;
    }
    keys.push(...arrayOf(elements).map((element) => String(key(element))));
    if (!paged || elements.length < pageLength) return keys;
  }
}

async function openDashboard(client: GrafanaClient, uid: string, orgId: number): Promise<string | null> {
  const { status, body } = await client.get(`/api/dashboards/uid/${encodeURIComponent(uid)}`, orgId);
  const dashboard = isObject(body) && isObject(body.dashboard) ? body.dashboard : undefined;
  return (status === 200 && dashboard && dashboardHash(dashboard)) || null;
}

function describe(status: number, body: unknown): string {
  const message = isObject(body) && typeof body.message === 'string' ? ` ${plainLine(body.message, 100)}` : '';
  return `${status}${message}`;
}
