import { parseUntrustedJson } from '../kit/json.ts';
import { partAt } from '../kit/json-pointer.ts';
import { plainLine } from '../kit/text.ts';
import type { Page, StepExpectation } from '../model/application.ts';

/** One expectation of a page, for people, and whether it holds. */
export interface JudgedPage {
  expected: string;
  found: string;
  holds: boolean;
}

/** The page against each expectation; the first is always that of its status. */
export function judgePage(expect: StepExpectation, page: Page): JudgedPage[] {
  const { contains, notContains, at, equals } = expect;
  const found = page.text === '' ? 'an empty answer' : plainLine(page.text.trim(), 200);
  return [
    judgeStatus(expect, page),
    ...contains.map((text) => {
      const [expected, holds] = [`contains ${text}`, page.text.includes(text)];
      return { expected, found: holds ? expected : found, holds };
    }),
    ...notContains.map((text) => {
      const [expected, holds] = [`does not contain ${text}`, !page.text.includes(text)];
      return { expected, found: holds ? expected : `contains ${text}`, holds };
    }),
    ...(at === undefined || equals === undefined ? [] : [judgePart(at, equals, page.text)]),
  ];
}

function judgeStatus({ status }: StepExpectation, page: Page): JudgedPage {
  const holds = status === undefined ? page.status >= 200 && page.status <= 299 : page.status === status;
  const found = `status ${page.status}`;
  return { expected: holds ? found : `status ${status ?? '200 to 299'}`, found, holds };
}

function judgePart(at: string, equals: string | number | boolean, text: string): JudgedPage {
  const where = at === '' ? 'the answer' : at;
  const expected = `${where} is ${equals}`;
  let body: unknown;
  try {
    body = parseUntrustedJson(Buffer.from(text), 'the answer');
  } catch {
    return { expected, found: `no JSON: ${plainLine(text.trim(), 100)}`, holds: false };
  }
  const part = partAt(body, at);
  const found = part === undefined ? `there is no ${where}` : `${where} is ${plainLine(sayPart(part), 100)}`;
  return { expected, found, holds: part === equals };
}

const sayPart = (part: unknown) => (typeof part === 'string' ? part : JSON.stringify(part));
