import type { Saboteur } from '../saboteur.ts';
export const chains: readonly Saboteur[] = [];
