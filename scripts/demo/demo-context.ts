import { styleText } from 'node:util';
import type { Docker } from '../../src/hosts/docker-client.ts';
import { formatDuration } from '../../src/kit/units.ts';
import type { ImageChoice } from '../image-choice.ts';

/** What each source of the demo is made from. */
export interface DemoContext {
  docker: Docker;
  images: ImageChoice['images'];
  secrets: DemoSecrets;
  /** 1 is the full size: more than a million rows and three million points. */
  scale: number;
  until: Date;
  signal: AbortSignal;
}

/** Made anew by each demo. */
export interface DemoSecrets {
  agamaApp: string;
  agamaBackup: string;
  influxAdmin: string;
}

/** The demo's own lines; what the commands print comes between them. */
export function say(text: string): void {
  process.stdout.write(`${styleText('dim', 'demo:', { stream: process.stdout })} ${text}\n`);
}

/** Runs one step and says how long it took. `told` makes the sentence from the step's result. */
export async function step<T>(work: () => Promise<T>, told: (result: T) => string): Promise<T> {
  const startedMs = performance.now();
  const result = await work();
  say(`${told(result)} (${formatDuration(performance.now() - startedMs)})`);
  return result;
}
