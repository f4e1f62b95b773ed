import { readImageChoice } from '../../image-choice.ts';
import { Bench } from './bench.ts';
import { checkDisk } from './disk.ts';
import { measureInfluxdb } from './measure-influxdb.ts';
import { measureMysql } from './measure-mysql.ts';
import type { Measurement } from './measurement.ts';
import type { PeersOptions } from './options.ts';

/** firedrill beside what people use, on real servers, in turns. All that it starts is gone when it ends, however it ends. */
export async function measurePeers(
  options: PeersOptions,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<Measurement[]> {
  const images = readImageChoice()?.images;
  if (!images) throw new Error('no images were chosen yet: npm run set-up');
  await checkDisk(options);
  const measure = { mysql: measureMysql, influxdb: measureInfluxdb };
  const measurements: Measurement[] = [];
  for (const engine of options.engines) {
    await using bench = await Bench.make(images, signal, say);
    measurements.push(await measure[engine](bench, options));
  }
  return measurements;
}
