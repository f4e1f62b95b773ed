import type { Document, LineCounter } from 'yaml';
import { isNode } from 'yaml';
import type { z } from 'zod';
import { didYouMean } from '../kit/did-you-mean.ts';
import { plainLine } from '../kit/text.ts';

/** One thing that is wrong in the configuration. */
export interface Problem {
  /** 1 for the first line. */
  line: number;
  /** `services.agama.rpo`; empty for the whole. */
  path: string;
  /** What is wrong, the value, and what is allowed. Holds no secret. */
  text: string;
}

type Issue = z.core.$ZodIssue;

/** All that zod found, as a person wants to read it, in the order of the lines. */
export function problemsOf(
  issues: readonly Issue[],
  document: Document,
  lines: LineCounter,
  knownKeys: readonly string[],
): Problem[] {
  const value: unknown = document.toJS();
  const problems = issues.flatMap((issue) =>
    texts(issue, at(value, issue.path), knownKeys).map((found) => ({ issue, ...found })),
  );
  return problems
    .map(({ issue, text, key }) => {
      const path = key === undefined ? issue.path : [...issue.path, key];
      return { line: lineOf(document, lines, path), path: path.map(String).join('.'), text };
    })
    .sort((a, b) => a.line - b.line);
}

/** One line for a problem: `firedrill.yaml:12: services.agama.rpo: …`. */
export function describeProblem(file: string, { line, path, text }: Problem): string {
  return plainLine(`${file}:${line}: ${path === '' ? '' : `${path}: `}${text}`, 400);
}

interface Found {
  text: string;
  /** Where the issue is about a key of its object. */
  key?: string;
}

function texts(issue: Issue, value: unknown, knownKeys: readonly string[]): Found[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ key, text: unknownKey(key, value, knownKeys) }));
  }
  if (issue.code === 'invalid_key') {
    return [{ text: `${show(issue.path.at(-1))} is not allowed as a name; allowed: ${issue.issues[0]?.message}` }];
  }
  if (value === undefined) return [{ text: `is missing; allowed: ${allowed(issue)}` }];
  if (looksSecret(issue.path)) {
    return [{ text: 'a secret does not stand here in clear; allowed: { file: <path> } or { env: <variable> }' }];
  }
  return [{ text: `${show(value)} is not allowed; allowed: ${allowed(issue)}` }];
}

/** The keys of all places together: the nearest one is a hint, no promise. */
function unknownKey(key: string, parent: unknown, knownKeys: readonly string[]): string {
  const present = parent && typeof parent === 'object' ? Object.keys(parent) : [];
  const near = didYouMean(
    key,
    knownKeys.filter((each) => !present.includes(each)),
  );
  return `is not a key of this place${near ? `; did you mean ${near}?` : ''}`;
}

const kinds: Record<string, string> = {
  object: 'a map of keys',
  record: 'a map of keys',
  array: 'a list',
  string: 'text',
  int: 'a whole number',
};

function allowed(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      // The schema's own words, where it has any, say more than a kind.
      return issue.message.startsWith('Invalid input')
        ? (kinds[issue.expected] ?? `a ${issue.expected}`)
        : issue.message;
    case 'invalid_value':
      return issue.values.map(String).join(', ');
    case 'invalid_union':
      return allowedOfUnion(issue);
    case 'too_small':
      return `at least ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

function allowedOfUnion(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const options = (issue as { options?: unknown[] }).options;
  if (options) return options.map(String).join(', ');
  const each = issue.errors.map((branch) => branch[0]).filter((first) => first !== undefined);
  return [...new Set(each.map((first) => [first.path.join('.'), allowed(first)].filter(Boolean).join(': ')))].join(
    ' or ',
  );
}

const looksSecret = (path: readonly PropertyKey[]) => path.some((key) => /password|secret|token/i.test(String(key)));

function show(value: unknown): string {
  return plainLine(typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value)), 60);
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((found, key) => (found as Record<PropertyKey, unknown> | undefined | null)?.[key], value);
}

/** The line of the value at a path, or of the nearest thing around it. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
