import { z } from 'zod';
import { type Answer, answerOfRows, maxAnswerBytes, maxAnswerRows, type Scalar } from '../../model/own-check.ts';
import { answerTooLarge, judgedQuestion, type Questions } from '../questions.ts';
import type { InfluxClient } from './client.ts';
import { factsOf } from './facts.ts';
import { isReading, readingAt } from './reading.ts';
import { restoredClient } from './restored-server.ts';
import type { InfluxdbSettings } from './settings.ts';
import { sourceClient } from './source-client.ts';

const keys = {
  influxql: z
    .string()
    .min(1)
    .refine(isReading, 'SELECT or SHOW, without INTO')
    .describe('InfluxQL that only reads, asked of the database; now() is the instant of the restored data'),
};
const question = z.strictObject(keys);

export const influxdbQuestions: Questions<InfluxdbSettings> = {
  keys,
  open: async (chain, { server }, now, activity) => {
    const client = restoredClient(server, activity.signal);
    const newest = chain.at(-1);
    const database = newest ? factsOf(newest.manifest).database : '';
    return {
      ask: (asked, signal) =>
        answerTo(readingAt(judgedQuestion(question, asked).influxql, now), client, database, signal),
      [Symbol.asyncDispose]: async () => {},
    };
  },
  openLive: (source, activity) => {
    const client = sourceClient(source, activity.signal);
    const { database } = source.settings;
    return {
      ask: (asked, signal) => answerTo(judgedQuestion(question, asked).influxql, client, database, signal),
      [Symbol.asyncDispose]: async () => {},
    };
  },
};

async function answerTo(
  statement: string,
  client: InfluxClient,
  database: string,
  until: AbortSignal,
): Promise<Answer> {
  const rows: Scalar[][] = [];
  let bytes = 0;
  for await (const row of client.rowsOf(statement, database, until)) {
    rows.push(row);
    bytes += Buffer.byteLength(row.join('\t'));
    if (bytes > maxAnswerBytes) throw answerTooLarge();
    if (rows.length > maxAnswerRows) break;
  }
  return answerOfRows(rows);
}
