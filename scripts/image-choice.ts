import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Which image serves which engine on this machine: what the set-up decided, and what demo and tests use. */
export interface ImageChoice {
  /** `official` images were pulled; `stand-in` ones were built here: Debian's engines, and a stand-in for Grafana. */
  from: 'official' | 'stand-in';
  images: Record<EngineName, string>;
  /** The demo's own to-do application; absent where the last set-up knew none. */
  application?: string;
}

export const engineNames = ['mysql', 'influxdb', 'grafana'] as const;
export type EngineName = (typeof engineNames)[number];

export const root = join(import.meta.dirname, '..');
export const stateFolder = process.env.FIREDRILL_STATE ?? join(root, '.firedrill');
export const choiceFile = join(stateFolder, 'images.json');

/** undefined when the set-up has not run yet. */
export function readImageChoice(file = choiceFile): ImageChoice | undefined {
  try {
    const choice = JSON.parse(readFileSync(file, 'utf8')) as ImageChoice;
    return engineNames.every((name) => choice.images[name]) ? choice : undefined;
  } catch {
    return undefined;
  }
}
