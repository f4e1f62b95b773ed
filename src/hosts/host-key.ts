import { FiredrillError } from '../kit/errors.ts';
import { fingerprintOf, judgeHostKey, type KnownHost, keyTypeOf } from './known-hosts.ts';

export interface HostKeyPlace {
  label: string;
  host: string;
  port: number;
  knownHostsFile: string;
}

/** Why a host key is not trusted, with what to type next; undefined when it is. */
export function refuseHostKey(known: readonly KnownHost[], key: Buffer, place: HostKeyPlace) {
  const judgement = judgeHostKey(known, key);
  if (judgement === 'known') return undefined;
  const shown = `${keyTypeOf(key)} ${fingerprintOf(key)}`;
  const { label, knownHostsFile } = place;
  if (judgement === 'unknown') {
    const sentence = `the host key of ${label} is not in ${knownHostsFile}; it showed ${shown}`;
    return new FiredrillError('HOST_KEY_UNKNOWN', sentence, { hint: hintUnknown(place, keyTypeOf(key)) });
  }
  if (judgement === 'revoked') {
    const sentence = `${label} showed a host key that ${knownHostsFile} marks as revoked: ${shown}`;
    return new FiredrillError('HOST_KEY_CHANGED', sentence);
  }
  const expected = known.map((entry) => `${entry.type} ${fingerprintOf(entry.key)}`).join(', ');
  const sentence = `the host key of ${label} is not the one in ${knownHostsFile}: expected ${expected}, it showed ${shown}`;
  return new FiredrillError('HOST_KEY_CHANGED', sentence, { hint: hintChanged(place) });
}

function hintUnknown({ host, port, knownHostsFile }: HostKeyPlace, keyType: string): string {
  const type = keyType.replace(/^ssh-/, '').replace(/^ecdsa-.*/, 'ecdsa');
  const scan = `ssh-keyscan -p ${port} -t ${type} ${host}`;
  return `On that machine, compare with: ssh-keygen -lf /etc/ssh/ssh_host_${type}_key.pub. If it is the same, run: ${scan} >> ${knownHostsFile}`;
}

function hintChanged({ host, port, knownHostsFile }: HostKeyPlace): string {
  const name = port === 22 ? host : `'[${host}]:${port}'`;
  return `Do not go on before you know why the key changed. Then forget the old one: ssh-keygen -f ${knownHostsFile} -R ${name}`;
}
