import { createHash } from 'node:crypto';
import { z } from 'zod';
import { describeMember, type MemberRef } from './backup-set.ts';
import type { Manifest } from './manifest.ts';
import type { MemberFacts } from './retention.ts';

/** What a genuine manifest says, as far as listings and expiries ask. */
export interface ManifestRecord extends MemberFacts {
  kind: Manifest['kind'];
}

/** @param manifestSha256 of the bytes of its file, lower-case hex */
export function recordOf(manifest: Manifest, manifestSha256: string): ManifestRecord {
  const { kind, startedAt, dataAt, finishedAt, parent } = manifest;
  return { manifestSha256, kind, startedAt, dataAt, finishedAt, parentId: parent?.id ?? null };
}

/** How a chain's manifests are judged: another engine, or another way to depend on parents, finds other faults. */
export interface ChainJudge {
  engine: string;
  dependence: string;
}

interface JudgedChain {
  /** SHA-256 over the judge and the manifests, in the order of the chain. */
  key: string;
  /** One sentence each. */
  problems: string[];
}

/**
 * Manifests of one vault that were found genuine before, by their place and the SHA-256 of their bytes. It saves parsing them and
 * verifying their signatures, which takes most of a listing's time; never reading them, so that a manifest that was changed
 * is another one. What was not genuine is not kept. It can be forgotten at any time.
 */
export class KnownManifests {
  readonly #members = new Map<string, ManifestRecord>();
  readonly #chains = new Map<string, JudgedChain>();
  #changed = false;

  /** Whether it holds anything else than when it was read. */
  get changed(): boolean {
    return this.#changed;
  }

  /** Whether a manifest at this place was found genuine before; it may be another one now. */
  knows(ref: MemberRef): boolean {
    return this.#members.has(describeMember(ref));
  }

  /** What the manifest of these bytes says, at this place; undefined when it is not known to be genuine. */
  recordAt(ref: MemberRef, manifestSha256: string): ManifestRecord | undefined {
    const record = this.#members.get(describeMember(ref));
    return record?.manifestSha256 === manifestSha256 ? record : undefined;
  }

  learn(ref: MemberRef, record: ManifestRecord): void {
    this.#members.set(describeMember(ref), record);
    this.#changed = true;
  }

  /** What was found wrong with a chain of just these manifests; undefined when it was not judged yet. */
  problemsOf(full: MemberRef, judge: ChainJudge, manifests: readonly string[]): readonly string[] | undefined {
    const judged = this.#chains.get(describeMember(full));
    return judged?.key === chainKey(judge, manifests) ? judged.problems : undefined;
  }

  learnChain(full: MemberRef, judge: ChainJudge, manifests: readonly string[], problems: readonly string[]): void {
    this.#chains.set(describeMember(full), { key: chainKey(judge, manifests), problems: [...problems] });
    this.#changed = true;
  }

  /** Forgets what does not lie in the vault any more. */
  keepOnly(refs: readonly MemberRef[]): void {
    const there = new Set(refs.map(describeMember));
    for (const known of [this.#members, this.#chains]) {
      for (const name of known.keys()) if (!there.has(name)) this.#changed = known.delete(name);
    }
  }

  /** @param believed who made it, and whose signatures it believes */
  toText(believed: string): string {
    const known = { members: Object.fromEntries(this.#members), chains: Object.fromEntries(this.#chains) };
    const body = JSON.stringify(known);
    return `${JSON.stringify({ format, version, believed, sha256: sha256(body) })}\n${body}\n`;
  }

  /** Of a text that is damaged, of another version, or made under other keys: nothing is known. */
  static fromText(text: string, believed: string): KnownManifests {
    const known = new KnownManifests();
    const [head = '', body = ''] = text.split('\n');
    const header = headSchema.safeParse(parsed(head)).data;
    if (header?.believed !== believed || header.sha256 !== sha256(body)) return known;
    const { members = {}, chains = {} } = bodySchema.safeParse(parsed(body)).data ?? {};
    for (const [name, record] of Object.entries(members)) known.#members.set(name, record);
    for (const [name, chain] of Object.entries(chains)) known.#chains.set(name, chain);
    return known;
  }
}

const format = 'firedrill-manifests';
/** Another one when what is kept changes, or how a manifest or a chain is judged. */
const version = 1;

const headSchema = z.strictObject({
  format: z.literal(format),
  version: z.literal(version),
  believed: z.string(),
  /** Of the second line: nobody is to expire by a date of which one bit has turned. */
  sha256: z.string(),
});

const recordSchema: z.ZodType<ManifestRecord> = z.strictObject({
  manifestSha256: z.string(),
  kind: z.enum(['full', 'incremental']),
  startedAt: z.string(),
  dataAt: z.string(),
  finishedAt: z.string(),
  parentId: z.string().nullable(),
});

const bodySchema = z.strictObject({
  members: z.record(z.string(), recordSchema),
  chains: z.record(z.string(), z.strictObject({ key: z.string(), problems: z.array(z.string()) })),
});

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const chainKey = ({ engine, dependence }: ChainJudge, manifests: readonly string[]) =>
  sha256(JSON.stringify([engine, dependence, ...manifests]));

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
