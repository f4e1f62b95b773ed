import { readFileSync } from 'node:fs';

/** The commented configuration that `init` writes, and that docs/configuration.md shows. */
export function exampleConfig(): string {
  return readFileSync(new URL('./example.yaml', import.meta.url), 'utf8');
}
