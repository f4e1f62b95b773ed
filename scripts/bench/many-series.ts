import { startInfluxdb } from '../../test/support/influxdb-source.ts';
import { writeConfig } from './config.ts';
import type { Grown } from './growing.ts';

const pointsOfEach = 10;
const hourMs = 3_600_000;
const linesPerBody = 10_000;

/** An InfluxDB with `count` series of ten points each, over ten hours of one day. */
export async function manySeries(folder: string, image: string, count: number): Promise<Grown> {
  await using held = new AsyncDisposableStack();
  const server = held.use(await startInfluxdb({ INFLUXDB_RETENTION_ENABLED: 'false' }));
  await server.query('CREATE DATABASE telegraf');
  const startMs = Math.floor(Date.now() / 86_400_000 - 1) * 86_400_000;
  let lines: string[] = [];
  for (let at = 0; at < pointsOfEach; at += 1) {
    for (let i = 0; i < count; i += 1) {
      const nanoseconds = `${startMs + at * hourMs}000000`;
      lines.push(
        `cpu,host=host${i % 1_000},cpu=cpu${Math.floor(i / 1_000)} usage_user=${(i * 7 + at) % 100} ${nanoseconds}`,
      );
      if (lines.length < linesPerBody) continue;
      await server.write('telegraf', 'autogen', lines);
      lines = [];
    }
  }
  if (lines.length > 0) await server.write('telegraf', 'autogen', lines);
  const service = `    engine: influxdb
    reach: { docker: ${server.container} }
    settings: { database: telegraf }`;
  const config = await writeConfig(folder, service, `influxdb: '${image}'`);
  const stack = held.move();
  return { config, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
