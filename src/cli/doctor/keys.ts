import type { Config } from '../../config/config.ts';
import type { Diagnosis } from '../../engines/engine.ts';
import { count } from '../../kit/text.ts';
import { isTrusted, readPrivateKey, readTrustedKeys } from '../keys.ts';
import { ok, problem, problemOf } from './examine.ts';

/** Whether backups can be signed here, and would then be believed. */
export async function diagnoseKeys(config: Config): Promise<Diagnosis[]> {
  const [publicKeys, privateKey] = await Promise.allSettled([readTrustedKeys(config), readPrivateKey(config)]);
  const trusted = publicKeys.status === 'fulfilled' ? publicKeys.value : [];
  const findings =
    publicKeys.status === 'fulfilled'
      ? [ok(`${count(trusted.length, 'public key')}: ${trusted.map((each) => each.keyId).join(', ')}`)]
      : [problemOf(publicKeys.reason)];
  if (config.signingKeyFile === undefined)
    return [...findings, ok('no private key: this machine drills, and makes no backups')];
  if (privateKey.status === 'rejected') return [...findings, problemOf(privateKey.reason)];
  if (isTrusted(privateKey.value, trusted))
    return [...findings, ok('the private key fits a public key, and is readable by its owner only')];
  const advice = 'Name its public key under keys.public: else no drill will believe what is signed with it.';
  return [...findings, problem(`the private key ${config.signingKeyFile} fits none of the public keys`, advice)];
}
