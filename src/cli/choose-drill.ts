import { FiredrillError } from '../kit/errors.ts';
import { drillFolders } from '../report/drill-folders.ts';

/** The id that was given, or the newest one: ids begin with the instant of their start. NO_SUCH_SET when there is none. */
export async function chosenDrill(folder: string, id: string | undefined): Promise<string> {
  const ids = await drillFolders(folder);
  const found = id === undefined ? ids.at(-1) : ids.find((each) => each === id);
  if (found !== undefined) return found;
  const sentence = id === undefined ? `there is no report in ${folder} yet` : `there is no drill ${id} in ${folder}`;
  const hint = ids.length === 0 ? 'Run: firedrill drill' : `The newest is ${ids.at(-1)}.`;
  throw new FiredrillError('NO_SUCH_SET', sentence, { hint });
}
