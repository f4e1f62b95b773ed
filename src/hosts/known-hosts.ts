import { createHash, createHmac } from 'node:crypto';

/** One line of an OpenSSH known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHost {
  /** Comma-separated patterns, or one hashed name `|1|salt|hash`. */
  names: string;
  /** Such as `ssh-ed25519`. */
  type: string;
  key: Buffer;
  revoked: boolean;
}

export type KeyJudgement = 'known' | 'unknown' | 'changed' | 'revoked';

/** Lines that no OpenSSH reads, and certificate authorities, which ssh2 cannot use, are passed over. */
export function parseKnownHosts(text: string): KnownHost[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/[ \t]+/);
    const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
    const [names, type, key] = fields;
    if (!names || names.startsWith('#') || !type || !key) return [];
    if (marker !== undefined && marker !== '@revoked') return [];
    return [{ names, type, key: Buffer.from(key, 'base64'), revoked: marker === '@revoked' }];
  });
}

/** The lines that speak of a host; a port other than 22 is part of its name. */
export function knownHostsOf(hosts: readonly KnownHost[], host: string, port: number): KnownHost[] {
  const name = nameOf(host, port);
  return hosts.filter(({ names }) => (names.startsWith('|') ? isHashOf(names, name) : matchesPatterns(names, name)));
}

/** `entries` are those of the host. Any other key than a recorded one counts as changed, also one of a new type. */
export function judgeHostKey(entries: readonly KnownHost[], key: Buffer): KeyJudgement {
  const same = entries.filter((entry) => entry.key.equals(key));
  if (same.some((entry) => entry.revoked)) return 'revoked';
  if (same.length > 0) return 'known';
  return entries.some((entry) => !entry.revoked) ? 'changed' : 'unknown';
}

/** As `ssh-keygen -l` shows it: `SHA256:` and base64 without padding. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** A key begins with the name of its type, after its length in 4 bytes (RFC 4253, 6.6). */
export function keyTypeOf(key: Buffer): string {
  return key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1');
}

function nameOf(host: string, port: number): string {
  const lower = host.toLowerCase();
  return port === 22 ? lower : `[${lower}]:${port}`;
}

function isHashOf(hashed: string, name: string): boolean {
  const [, version, salt, hash] = hashed.split('|');
  if (version !== '1' || !salt || !hash) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

function matchesPatterns(patterns: string, name: string): boolean {
  const list = patterns.toLowerCase().split(',');
  const matches = (pattern: string) => wildcard(pattern).test(name);
  if (list.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)))) return false;
  return list.some((pattern) => !pattern.startsWith('!') && matches(pattern));
}

/** `*` is any text, `?` any one character. */
function wildcard(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}
