import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Frees what nothing refers to any more, so that what is held can be measured. */
export function collectGarbage() {
  collect();
  collect();
}
