import { absences } from './absence.ts';
import { damages } from './damage.ts';
import { exchanges } from './exchange.ts';
import type { Saboteur } from './saboteur.ts';

export { Forger } from './forger.ts';
export type { Saboteur, Scene } from './saboteur.ts';
export { SpoiledVault } from './spoiled-vault.ts';

/** The faults that can be planted into a copy of any engine's backup. */
export const saboteurs: readonly Saboteur[] = [...damages, ...absences, ...exchanges];
