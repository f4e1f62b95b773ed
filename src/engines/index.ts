import type { AnyEngine } from './engine.ts';

/** The list of engines: one line each. */
export const engines: readonly AnyEngine[] = [];
