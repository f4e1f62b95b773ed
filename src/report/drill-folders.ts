import { readdir } from 'node:fs/promises';
import { FiredrillError, systemCode } from '../kit/errors.ts';

const drillIdPattern = /^\d{8}T\d{6}Z-[a-z0-9-]+$/;

/** Names of the drills whose reports lie in a folder, oldest first: they begin with the instant of their start. */
export async function drillFolders(reportsFolder: string): Promise<string[]> {
  try {
    return (await readdir(reportsFolder)).filter((name) => drillIdPattern.test(name)).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    const sentence = `the reports in ${reportsFolder} cannot be listed (${systemCode(error)})`;
    throw new FiredrillError('VAULT_READ', sentence, {
      cause: error,
      hint: 'Check reports.folder and its permissions.',
    });
  }
}
