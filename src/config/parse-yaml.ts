import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { FiredrillError, messageOf } from '../kit/errors.ts';
import { describeProblem, problemsOf } from './problems.ts';

/** CONFIG_INVALID with *all* problems of a text in `detail`, one line each, with file and line. */
export function parseYaml<T>(
  text: string,
  shownFile: string,
  schema: z.ZodType<T>,
  knownKeys: () => readonly string[],
): T {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, stringKeys: true });
  const syntax = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return `${shownFile}:${line}:${col}: ${error.message}`;
  });
  if (syntax.length > 0) throw invalid(shownFile, syntax);
  let value: unknown;
  try {
    // Few aliases are ever meant; many are a bomb.
    value = document.toJS({ maxAliasCount: 50 });
  } catch (cause) {
    throw invalid(shownFile, [`${shownFile}: ${messageOf(cause)}`]);
  }
  const judged = schema.safeParse(value ?? {});
  if (judged.success) return judged.data;
  const problems = problemsOf(judged.error.issues, document, lines, knownKeys());
  throw invalid(
    shownFile,
    problems.map((problem) => describeProblem(shownFile, problem)),
  );
}

function invalid(file: string, detail: readonly string[]) {
  const count = detail.length === 1 ? '1 problem' : `${detail.length} problems`;
  return new FiredrillError('CONFIG_INVALID', `${file} has ${count}`, { detail });
}
