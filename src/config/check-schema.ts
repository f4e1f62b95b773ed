import { z } from 'zod';
import { maxAnswerRows, type OwnCheck } from '../model/own-check.ts';
import { duration } from './scalars.ts';

export const checkName = z
  .string()
  .regex(/^[^\p{C}\s](?:[^\p{C}]{0,78}[^\p{C}\s])?$/u, 'a name of at most 80 characters, on one line');

export const expectations = {
  equals: z
    .union([z.string(), z.number(), z.boolean()])
    .optional()
    .describe('what the first value of the answer must be: a number by its value, a text letter by letter'),
  min: z.number().optional().describe('what the first value must at least be'),
  max: z.number().optional().describe('what the first value may at most be'),
  rows: z
    .int()
    .min(0)
    .max(maxAnswerRows)
    .optional()
    .describe('how many rows the answer must have; of more than 1,000 ask for their count'),
  contains: z.string().min(1).optional().describe('a text that must stand somewhere in the answer'),
};

const within = duration.prefault('1m').describe('how long the answer may take');

export const expectationKeys = Object.keys(expectations) as (keyof typeof expectations)[];
const oneExpectation = `at least one of ${expectationKeys.join(', ')}`;

/** The user's own checks of a service, by name; `question`: the keys by which its engine is asked. */
export function checksSchema(question: z.ZodRawShape) {
  const check = z
    .strictObject({ ...question, ...expectations, within })
    .refine((given: RawCheck) => expectationKeys.some((key) => given[key] !== undefined), { error: oneExpectation })
    .refine(({ min, max }: RawCheck) => min === undefined || max === undefined || min <= max, {
      error: 'no less than min',
      path: ['max'],
    });
  return z
    .record(checkName, check)
    .default({})
    .describe(
      'your own checks, by name: each drill and each restore asks them of the restored service; one that does not hold, or gets no answer of at most 16 MiB, fails',
    );
}

type RawCheck = { [K in keyof typeof expectations]?: z.infer<(typeof expectations)[K]> } & { within: number };
export type RawChecks = Readonly<Record<string, RawCheck>>;

/** As the configuration has them → as the model wants them. */
export function ownChecksOf(raw: RawChecks = {}): OwnCheck[] {
  return Object.entries(raw).map(([name, each]) => {
    const { equals, min, max, rows, contains, within: withinMs, ...question } = each;
    return { name, question, expectation: { equals, min, max, rows, contains }, withinMs };
  });
}
