import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../kit/json.ts';

export type JsonObject = Record<string, unknown>;

/** undefined when the text is no JSON object, or nested so deeply that nobody could have written it. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function arrayOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** SHA-256 of the canonical form; undefined when there is none (nested too deeply, broken surrogates). */
export function hashOf(value: unknown): string | undefined {
  try {
    return createHash('sha256').update(canonicalJson(value)).digest('hex');
  } catch {
    return undefined;
  }
}

/**
 * Of a dashboard: the same for the row and for the API's answer, which adds `id`. It stays the same when Grafana is upgraded.
 */
export function dashboardHash(dashboard: JsonObject): string | undefined {
  const { id: _, ...content } = dashboard;
  return hashOf(content);
}
