import type { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { isFiredrillError } from '../kit/errors.ts';
import { journalsIn } from '../report/history.ts';
import type { VaultChoice } from './compose.ts';

/** As they were typed. */
export interface VaultOptions {
  from?: string;
  identity?: string;
}

/** @param otherwise which vault is read from where none is named */
export function addVaultOptions(command: Command, otherwise = 'the first'): Command {
  return command
    .option('--from <vault>', `read from this vault, by its name in the configuration (default: ${otherwise})`)
    .option('--identity <file>', 'a private key of age that opens an encrypted vault');
}

export function choiceOf({ from, identity }: VaultOptions): VaultChoice {
  return {
    ...(from === undefined ? {} : { from }),
    ...(identity === undefined ? {} : { identityFile: identity }),
  };
}

/** The vault that a drill restores from: as it was asked, else as `drill.from` of the configuration says. */
export async function drillChoiceOf(config: Config, options: VaultOptions): Promise<VaultChoice> {
  const from = options.from ?? (await byPolicy(config));
  return choiceOf({ ...options, ...(from === undefined ? {} : { from }) });
}

async function byPolicy({ vaults: [first, second], drill, reportsFolder }: Config): Promise<string | undefined> {
  if (!first || !second || drill.from === 'onsite') return first?.label;
  if (drill.from === 'offsite') return second.label;
  return (await lastDrilled(reportsFolder, [first.label, second.label])) === first.label ? second.label : first.label;
}

/** Which of these vaults was drilled last. */
async function lastDrilled(reportsFolder: string, labels: readonly string[]): Promise<string | undefined> {
  try {
    for await (const { drill } of journalsIn(reportsFolder)) if (labels.includes(drill.vault)) return drill.vault;
  } catch (error) {
    // A folder that cannot be listed keeps no backup from its drill; the report that cannot be written there says so.
    if (!isFiredrillError(error, 'VAULT_READ')) throw error;
  }
  return undefined;
}
