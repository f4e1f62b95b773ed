import { lookup } from 'node:dns/promises';
import { readdir, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';

/** Why a host that was reached through ssh is this machine itself, in words; null when it is another one. */
export async function whyThisMachine(host: string, hostKey: Buffer, keysFolder = '/etc/ssh'): Promise<string | null> {
  if ((await ownHostKeys(keysFolder)).some((own) => own.equals(hostKey))) return "it shows this machine's own host key";
  const address = await ownAddress(host);
  return address === undefined ? null : `${address} is an address of this machine`;
}

async function ownHostKeys(folder: string): Promise<Buffer[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^ssh_host_.*_key\.pub$/.test(name));
  const keys = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8').catch(() => '')));
  return keys.map((line) => Buffer.from(line.split(' ')[1] ?? '', 'base64')).filter((key) => key.length > 0);
}

async function ownAddress(host: string): Promise<string | undefined> {
  const addresses = isIP(host)
    ? [host]
    : (await lookup(host, { all: true }).catch(() => [])).map(({ address }) => address);
  const own = Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address }) => address) ?? []);
  return addresses.find((address) => own.includes(address) || /^(127\.|::1$|::ffff:127\.)/.test(address));
}
