import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Command, Option } from 'commander';
import { markFile } from '../vault/listing.ts';
import { about } from './help.ts';
import { ignored, initialise, initialiseEscrow } from './init.ts';
import type { Session } from './session.ts';
import { markVault, vaultConfigOf } from './vaults.ts';

const help = about(
  `Writes firedrill.yaml (or the file of --config): a commented example with four services, and beside it its JSON schema for
editors, two fresh pairs of ed25519 keys under keys/, and a .gitignore for what must not be committed. Nothing that exists is
overwritten without --force, and keys never are: without the old key no old backup would be believed.

With --vault it only marks the folder of a configured vault as one, and makes it where it is absent: run it once for each new
vault, while its disk is mounted. A folder that holds neither a backup nor the mark is refused by every other command: the mount
point of a disk that is not mounted looks so. A vault with backups needs no mark.

With --escrow-key it only makes the private key for an encrypted offsite vault. It belongs on a stick in a safe, not on a
machine that makes backups; the public half, which it prints, belongs under recipients of that vault.

It does not look at your services; edit the file, then run firedrill config check and firedrill doctor.`,
  [0, 'all was written'],
  [1, 'a file could not be written, or the machine of a vault cannot be reached'],
  [2, 'a file exists already; nothing was written'],
);

interface Options {
  force?: boolean;
  keys?: boolean;
  vault?: string;
  escrowKey?: string;
}

export function addInit(program: Command, session: Session): void {
  program
    .command('init')
    .description('write a commented configuration and pairs of keys')
    .option('--force', 'overwrite an existing configuration; keys are kept')
    .option('--keys', 'only make the pairs of keys that are missing')
    .addOption(
      new Option('--vault <name>', 'only mark the folder of this new vault: its disk is mounted').conflicts([
        ...['force', 'keys', 'escrowKey'],
      ]),
    )
    .option('--escrow-key <file>', 'only make a private age key there, and print its public half for recipients')
    .addHelpText('after', help)
    .action(async ({ force = false, keys = false, vault, escrowKey }: Options) => {
      if (vault !== undefined) return await markNewVault(session, vault);
      if (escrowKey !== undefined) return await makeEscrowKey(session, escrowKey);
      const { configFile, engines } = session;
      const { written, hasIgnore } = await initialise({ configFile, engines, force, keysOnly: keys });
      const lines = written.map(({ name, what }) => `${name.padEnd(24)} ${what}`);
      const advice = hasIgnore && !keys ? [`Your .gitignore stays as it is; let it name: ${ignored.join(' ')}`] : [];
      const said = [...lines, '', ...(keys ? [keysNext] : [...advice, next])];
      session.show(said.join('\n'), { written: written.map(({ path }) => path) });
    });
}

async function markNewVault(session: Session, name: string) {
  const vault = vaultConfigOf(await session.configForReading(), name);
  await markVault(vault);
  const where = vault.kind === 'directory' ? vault.folder : `${vault.folder} on ${vault.ssh.host}`;
  const said = `vault ${vault.label}: ${where} is marked as a vault`;
  session.show(said, { vault: vault.label, folder: vault.folder });
  const alone = vault.kind === 'directory' && !(await isMountPoint(vault.folder));
  if (alone)
    session.remark(
      `It lies on the disk of ${dirname(vault.folder)}: if a disk of its own belongs there, ${undo(where)}`,
    );
}

const undo = (where: string) => `remove ${where}/${markFile}, mount the disk, and mark it then.`;

/** Whether another disk begins there. */
async function isMountPoint(folder: string): Promise<boolean> {
  const [own, above] = await Promise.all([stat(folder), stat(dirname(folder))]);
  return own.dev !== above.dev;
}

async function makeEscrowKey(session: Session, file: string) {
  const recipient = await initialiseEscrow(file);
  session.remark(
    `${file} opens what is encrypted to the key below. Take it off this machine, and keep two copies of it.`,
  );
  session.show(recipient, { written: [file], recipient });
}

const keysNext = `Name them in the configuration under keys. Keep a copy of the private key in a safe place.`;

const next = `To be made by you, as far as your configuration will name them: secrets/agama.txt (mode 600), for ssh keys/backup_ssh and
keys/known_hosts; in the environment: TELEGRAF_PASSWORD, LATENCY_PASSWORD.
Keep a copy of keys/signing.key in a safe place. Now edit the configuration, then run: firedrill config check`;
