import { arrayOf, isObject, type JsonObject } from '../database/json-content.ts';
import { panelsOf } from '../panels/panels-of.ts';

/** A dashboard of the backup, as it is to stand beside today's. */
export interface CopiedDashboard {
  /** In the backup. */
  uid: string;
  content: JsonObject;
  /** How many alerts were left out. */
  alerts: number;
}

/**
 * What is sent for each dashboard: without its id, uid and version, which are today's dashboard's. Without alerts of the old
 * kind, which would be judged, and told about, twice. In one folder titles differ: the second of the same gets its old uid behind it.
 */
export function copiesOf(dashboards: readonly { uid: string; dashboard: JsonObject }[]): CopiedDashboard[] {
  const taken = new Set<string>();
  return dashboards.map(({ uid, dashboard }) => {
    const { id: _id, uid: _uid, version: _version, ...content } = structuredClone(dashboard);
    const withAlert = panelsOf(content).filter(({ alert }) => alert !== undefined);
    for (const panel of withAlert) delete panel.alert;
    const title = String(content.title ?? '').trim() || uid;
    // Databases may take two titles for one that differ in case only.
    const key = (text: string) => text.toLowerCase();
    const free = taken.has(key(title)) ? `${title} (${uid})` : title;
    taken.add(key(free));
    return { uid, content: { ...content, title: free }, alerts: withAlert.length };
  });
}

/**
 * What two copies of a dashboard must have in common: not what the server gives each, and of library panels only which they
 * are: their content is the server's.
 */
export function comparable(dashboard: JsonObject): JsonObject {
  const { id: _id, uid: _uid, version: _version, ...content } = structuredClone(dashboard);
  return withoutLibraries(content);
}

function withoutLibraries(holder: JsonObject): JsonObject {
  if (!Array.isArray(holder.panels)) return holder;
  const panels = arrayOf(holder.panels).map((panel) => {
    const { id, gridPos, libraryPanel } = panel;
    return isObject(libraryPanel) ? { id, gridPos, libraryPanel: libraryPanel.uid } : withoutLibraries(panel);
  });
  return { ...holder, panels };
}
