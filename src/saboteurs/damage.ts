import { createCipheriv, createHash } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import { pick, type Random } from '../kit/random.ts';
import { chain } from '../kit/streams.ts';
import { describeMember } from '../model/backup-set.ts';
import type { ArtifactEntry } from '../model/manifest.ts';
import { readBody } from './forger.ts';
import type { Saboteur, Scene } from './saboteur.ts';
import type { NewContent, SpoiledVault } from './spoiled-vault.ts';

/** How the stored bytes of one artifact are damaged. */
interface Damage {
  id: string;
  title: string;
  /** `what` is told of the artifact: `lost its last 120 bytes`. */
  strike(file: StoredFile, random: Random): NewContent & { what: string };
}

interface StoredFile {
  bytes: number;
  read(): Readable;
}

/** Below this size a random place could lie in the container's own header, where not every bit means anything. */
const minBytes = 48;

const bitFlip: Damage = {
  id: 'S01',
  title: 'one bit of a file has flipped',
  strike: ({ bytes, read }, random) => {
    const at = inTheMiddle(bytes, random);
    const mask = 1 << Math.floor(random() * 8);
    return { bytes, open: () => chain(read(), flipping(at, mask)), what: `one bit of byte ${at} was flipped` };
  },
};

const truncation: Damage = {
  id: 'S02',
  title: 'the end of a file is missing',
  strike: ({ bytes, read }, random) => {
    const left = inTheMiddle(bytes, random);
    return {
      bytes: left,
      open: () => chain(read(), cutting(left)),
      what: `the last ${bytes - left} bytes were cut off`,
    };
  },
};

const emptying: Damage = {
  id: 'S03',
  title: 'a file is empty',
  strike: () => ({ bytes: 0, open: () => Readable.from([]), what: 'nothing was left of it' }),
};

const noise: Damage = {
  id: 'S63',
  title: 'a file holds random bytes, as after ransomware',
  strike: ({ bytes }, random) => {
    const seed = Math.floor(random() * 2 ** 32);
    const open = () => Readable.from(noiseOf(bytes, seed), { objectMode: false });
    return { bytes, open, what: 'random bytes were put in its place' };
  },
};

/** Each kind of damage to one artifact, noticed by its hash; and, where the hash is made to fit, by its decoder. */
export const damages: readonly Saboteur[] = [bitFlip, truncation, emptying, noise].flatMap((damage) => [
  saboteurOf(damage, false),
  saboteurOf(damage, true),
]);

function saboteurOf({ id, title, strike }: Damage, resealed: boolean): Saboteur {
  return {
    ...{ id, title, resealed, seenBy: 'content' },
    caughtBy: resealed ? ['format', 'completeness'] : ['manifest'],
    inject: async ({ vault, needed, forger, random }) => {
      const target = await targetOf(vault, needed, random, resealed);
      if (!target) return undefined;
      const { member, entry } = target;
      const read = vault.readerOf(member, entry.name);
      const { what, ...content } = strike({ bytes: entry.bytes, read }, random);
      vault.putFile(member, entry.name, content);
      if (resealed) await forger.reseal(vault, member);
      return `${entry.name} of ${describeMember(member)}: ${what}`;
    },
  };
}

/** One artifact of one of the members. Under right hashes only containers with a checksum of their own can tell. */
async function targetOf(vault: SpoiledVault, members: Scene['needed'], random: Random, resealed: boolean) {
  const member = pick(random, members);
  if (!member) return undefined;
  const { artifacts } = await readBody(vault, member);
  const fit = artifacts.filter((entry) => entry.bytes >= minBytes && (!resealed || isChecksummed(entry)));
  const entry = pick(random, fit);
  return entry && { member, entry };
}

const isChecksummed = ({ encoding, name }: ArtifactEntry) => encoding === 'zstd' || name.endsWith('.gz');

/** A place well inside the file: neither in the container's header nor in its trailer. */
function inTheMiddle(bytes: number, random: Random): number {
  const margin = Math.min(Math.floor(bytes / 3), 4096);
  return margin + Math.floor(random() * (bytes - 2 * margin));
}

function flipping(at: number, mask: number): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const here = at - passed;
      passed += chunk.length;
      if (here < 0 || here >= chunk.length) return done(null, chunk);
      const flipped = Buffer.from(chunk);
      flipped.writeUInt8((flipped[here] ?? 0) ^ mask, here);
      done(null, flipped);
    },
  });
}

function cutting(bytes: number): Transform {
  let left = bytes;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const kept = chunk.subarray(0, left);
      left -= kept.length;
      done(null, kept);
    },
  });
}

/** The same for the same seed; as incompressible as what a cipher leaves. */
function* noiseOf(bytes: number, seed: number): Generator<Buffer> {
  const cipher = createCipheriv('aes-256-ctr', createHash('sha256').update(`${seed}`).digest(), Buffer.alloc(16));
  const zeros = Buffer.alloc(1 << 16);
  for (let left = bytes; left > 0; ) {
    const chunk = cipher.update(zeros.subarray(0, left));
    left -= chunk.length;
    yield chunk;
  }
}
