import type { Random } from '../kit/random.ts';
import type { Dependence } from '../model/chain.ts';
import type { CheckId } from '../model/check.ts';
import type { ListedMember } from '../vault/vault.ts';
import type { Forger } from './forger.ts';
import type { SpoiledVault } from './spoiled-vault.ts';

/** A copy of a vault, and the service whose backup is to be spoiled in it. */
export interface Scene {
  vault: SpoiledVault;
  service: string;
  /** The members that a drill needs to restore the service, the full first. */
  needed: readonly ListedMember[];
  dependence: Dependence;
  forger: Forger;
  random: Random;
}

/** One fault that a drill must find. Repeatable: the same scene and the same numbers make the same fault. */
export interface Saboteur {
  /** Of the catalogue, such as S31. */
  id: string;
  /** What happened to the backup, in a few words. */
  title: string;
  /** Whether hashes and seals fit all the same, so that they cannot tell. */
  resealed: boolean;
  /** `manifests`: names and manifests alone give it away; `content`: the content has to be read, by a restore. */
  seenBy: 'manifests' | 'content';
  /** The checks that must notice; the first that failed is named. */
  caughtBy: readonly CheckId[];
  /** Spoils the copy and tells what was done; undefined where this backup gives no occasion for it. */
  inject(scene: Scene): Promise<string | undefined>;
}
