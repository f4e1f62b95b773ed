import fc from 'fast-check';
import { FiredrillError } from '../../src/kit/errors.ts';
import type { ArtifactEntry, Manifest } from '../../src/model/manifest.ts';
import type { OpenMember } from '../../src/model/member.ts';
import { inChunks } from './grafana-pages.ts';
import { hostileNames } from './hostile.ts';

/** FIREDRILL_FUZZ=50 makes fifty times as many runs. */
const factor = Number(process.env.FIREDRILL_FUZZ ?? 1);

/** Tries a reader with many inputs: it may read them, or refuse them with a FiredrillError, and nothing else. */
export function onlyCodedErrors<T>(input: fc.Arbitrary<T>, read: (input: T) => unknown, runs = 200): Promise<void> {
  const attempt = async (each: T) => {
    try {
      await read(each);
    } catch (error) {
      // INTERNAL would be a fault of ours.
      if (!(error instanceof FiredrillError) || error.code === 'INTERNAL') throw error;
    }
  };
  return fc.assert(fc.asyncProperty(input, attempt), { numRuns: runs * factor });
}

const extremes = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

type Change = (bytes: Buffer) => Buffer;

const at = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const placeIn = (bytes: Buffer, where: number) => Math.floor(where * bytes.length);

const changes: fc.Arbitrary<Change>[] = [
  fc.tuple(at, fc.nat(7)).map(([where, bit]) => (bytes: Buffer) => {
    const i = placeIn(bytes, where);
    bytes[i] = (bytes[i] ?? 0) ^ (1 << bit);
    return bytes;
  }),
  // Lengths, counts and offsets: what they say is what a reader trusts.
  fc
    .tuple(at, fc.constantFrom(...extremes), fc.constantFrom(1, 2, 4), fc.boolean())
    .map(([where, value, width, isBig]) => (bytes: Buffer) => {
      const i = Math.min(placeIn(bytes, where), bytes.length - width);
      if (i < 0) return bytes;
      const number = value % 2 ** (8 * width);
      if (isBig) bytes.writeUIntBE(number, i, width);
      else bytes.writeUIntLE(number, i, width);
      return bytes;
    }),
  at.map((where) => (bytes: Buffer) => bytes.subarray(0, placeIn(bytes, where))),
  fc.tuple(at, at).map(([from, to]) => (bytes: Buffer) => {
    const [a, b] = [placeIn(bytes, from), placeIn(bytes, to)];
    return Buffer.concat([bytes.subarray(0, a), bytes.subarray(b)]);
  }),
  fc.tuple(at, fc.uint8Array({ maxLength: 40 })).map(([where, more]) => (bytes: Buffer) => {
    const i = placeIn(bytes, where);
    return Buffer.concat([bytes.subarray(0, i), more, bytes.subarray(i)]);
  }),
];

/** A good sample after some changes; now and then bytes that nobody wrote. */
export function spoiled(...samples: Buffer[]): fc.Arbitrary<Buffer> {
  const changed = fc
    .tuple(fc.constantFrom(...samples), fc.array(fc.oneof(...changes), { minLength: 1, maxLength: 4 }))
    .map(([sample, all]) => all.reduce<Buffer>((bytes, each) => each(bytes), Buffer.from(sample)));
  return fc.oneof(
    { weight: 9, arbitrary: changed },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
  );
}

const strangeValue = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 1.5, 2 ** 53, 1e308, -0, '', [], {}, '__proto__', '../../etc/passwd'),
  fc.constantFrom(...hostileNames),
  fc.jsonValue({ maxDepth: 2 }),
);

/** A JSON value in which some parts, anywhere, were replaced, left out, or given strange keys. */
export function spoiledJson(sample: unknown): fc.Arbitrary<unknown> {
  const step = fc.record({
    path: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
    how: fc.constantFrom('replace', 'remove', 'add'),
    key: fc.constantFrom('__proto__', 'constructor', 'toString', 'x', '0'),
    value: strangeValue,
  });
  return fc.array(step, { minLength: 1, maxLength: 3 }).map((steps) => {
    const root = { value: structuredClone(sample) };
    for (const each of steps) spoilAt(root, each);
    return root.value;
  });
}

interface Step {
  path: readonly number[];
  how: string;
  key: string;
  value: unknown;
}

/** Walks down by number, as deep as the path says and the value goes. */
function spoilAt(root: { value: unknown }, { path, how, key, value }: Step) {
  let parent = root as Record<string, unknown>;
  let name = 'value';
  for (const number of path) {
    const here = parent[name];
    if (typeof here !== 'object' || here === null || Object.keys(here).length === 0) break;
    const names = Object.keys(here);
    parent = here as Record<string, unknown>;
    name = names[number % names.length] as string;
  }
  if (how === 'remove') delete parent[name];
  else if (how === 'replace') parent[name] = value;
  // As JSON.parse does it: an own key, whatever its name.
  else Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}

export const shortText = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.constantFrom(...hostileNames));

/** An opened member that was never in a vault: whoever has the key can make one of any content. */
export function forgedMember(
  manifest: Partial<Manifest>,
  artifacts: Record<string, { role: string; content: Buffer }> = {},
): OpenMember {
  const entries = Object.entries(artifacts).map(([name, { role, content }]): ArtifactEntry => {
    const bytes = content.length;
    return { name, role, bytes, contentBytes: bytes, sha256: '0'.repeat(64), encoding: 'none' };
  });
  const known = {
    id: 'full-20261122T013000Z',
    service: 'forged',
    kind: 'full' as const,
    dataAt: '2026-11-22T01:30:00.000Z',
    source: { host: 'local', identity: {}, engineVersion: '' },
  };
  return {
    manifest: { ...known, artifacts: entries, ...manifest } as Manifest,
    manifestSha256: '0'.repeat(64),
    content: (name) => inChunks(artifacts[name]?.content ?? Buffer.alloc(0), 1000),
    byRole: (role) => entries.filter((entry) => entry.role === role),
  };
}
