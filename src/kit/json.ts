import canonicalize from 'canonicalize';
import { FiredrillError } from './errors.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Canonical JSON (RFC 8785): one text for one value, whatever the order of its keys. Throws for what has no such form. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('value has no JSON form');
  return text;
}

const chunkChars = 1 << 16;

/**
 * The bytes (UTF-8) of `canonicalJson`, made piece by piece: as one text, with all that leads to it, the 4 MB of a manifest of
 * 10,000 tables take 20 MB more (measured). `value` is what JSON.parse, or a schema, has made; throws as `canonicalJson`.
 */
export function canonicalBytes(value: object): Buffer {
  const chunks: Buffer[] = [];
  let text = '';
  for (const piece of piecesOf(value)) {
    text += piece;
    if (text.length < chunkChars) continue;
    chunks.push(Buffer.from(text));
    text = '';
  }
  return Buffer.concat([...chunks, Buffer.from(text)]);
}

/** Taken apart are the value, its members, and the lists among theirs: what lies deeper is small. */
function* piecesOf(value: object, depth = 2): Generator<string> {
  const isList = Array.isArray(value);
  yield isList ? '[' : '{';
  let between = '';
  for (const [key, each] of isList ? value.entries() : membersOf(value)) {
    yield isList ? between : `${between}${canonicalJson(key)}:`;
    const isLarge = typeof each === 'object' && each !== null && (depth > 1 || (depth > 0 && Array.isArray(each)));
    if (isLarge) yield* piecesOf(each, depth - 1);
    else yield canonicalJson(each);
    between = ',';
  }
  yield isList ? ']' : '}';
}

/** By name, in the order of RFC 8785, which is that of `sort`. */
function* membersOf(value: object): Generator<[string, unknown]> {
  for (const key of Object.keys(value).sort()) {
    const each = (value as Record<string, unknown>)[key];
    // JSON has no such member.
    if (each !== undefined) yield [key, each];
  }
}

/** Whether what JSON.parse has made can be written again as it was: not a number that was too large. */
export function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(isJson);
}

/** What nothing that firedrill writes comes near: deeper or larger, it costs whoever judges it a stack or a minute. */
const maxDepth = 100;
const maxValues = 4_000_000;
const maxMembers = 100_000;

/**
 * Parses untrusted JSON (UTF-8). LIMIT_EXCEEDED, before anything is built, when it is nested too deeply, has too many values, or
 * an object too many members; a SyntaxError when it is no JSON.
 */
export function parseUntrustedJson(bytes: Buffer, what: string): unknown {
  const excess = excessOf(bytes);
  if (excess) throw new FiredrillError('LIMIT_EXCEEDED', `${what} ${excess}`);
  return JSON.parse(bytes.toString('utf8'));
}

const char = { quote: 0x22, backslash: 0x5c, comma: 0x2c, openObject: 0x7b, openList: 0x5b, close: 0x5d, end: 0x7d };

/** One pass over the bytes; of text that is no JSON it may say anything. */
function excessOf(bytes: Buffer): string | undefined {
  let values = 1;
  /** Of each open bracket: members so far, or -1 for a list. */
  const open: number[] = [];
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === char.quote) at = endOfText(bytes, at);
    else if (byte === char.openObject || byte === char.openList) {
      open.push(byte === char.openList ? -1 : 1);
      values += 1;
      if (open.length > maxDepth) return `is nested more than ${maxDepth} deep`;
    } else if (byte === char.close || byte === char.end) open.pop();
    else if (byte === char.comma) {
      values += 1;
      const members = open.at(-1) ?? -1;
      if (members > 0) open[open.length - 1] = members + 1;
      if (members >= maxMembers) return `has an object of more than ${maxMembers} members`;
    }
    if (values > maxValues) return `holds more than ${maxValues} values`;
  }
  return undefined;
}

/** Where the quoted text that begins at `at` ends. */
function endOfText(bytes: Buffer, at: number): number {
  let end = at + 1;
  while (end < bytes.length && bytes[end] !== char.quote) end += bytes[end] === char.backslash ? 2 : 1;
  return end;
}

/** The first thing that a schema has against a value, in one line: `path: message`. */
export function firstIssue(error: unknown): string | undefined {
  const [issue] = (error as { issues?: { path: PropertyKey[]; message: string }[] } | null)?.issues ?? [];
  return issue && `${issue.path.map(String).join('.')}: ${issue.message}`;
}
