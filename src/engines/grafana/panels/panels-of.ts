import { arrayOf, type JsonObject } from '../database/json-content.ts';

/** Panels, those of collapsed rows, and those of the rows of old dashboards. */
export function panelsOf(dashboard: JsonObject): JsonObject[] {
  const rows = arrayOf(dashboard.rows).flatMap((row) => arrayOf(row.panels));
  const panels = arrayOf(dashboard.panels);
  return [...panels, ...panels.flatMap((panel) => arrayOf(panel.panels)), ...rows];
}
