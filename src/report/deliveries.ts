import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessGone } from '../kit/errors.ts';
import { type DeliveryRecord, deliveryLine, parseDelivery } from '../model/delivery.ts';
import { reportWritingFails } from './writing-fails.ts';

/** In a drill's folder; for what is of no one drill in the reports' folder itself. */
export const deliveriesFile = 'deliveries.jsonl';

/** Appends what became of one try. REPORT_WRITE when the disk does not want it. */
export function recordDelivery(folder: string, record: Omit<DeliveryRecord, 'format' | 'version'>): Promise<void> {
  return reportWritingFails(folder, async () => {
    const handle = await open(join(folder, deliveriesFile), 'a+', 0o640);
    try {
      await handle.appendFile(`${(await endsWhole(handle)) ? '' : '\n'}${deliveryLine(record)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

/** A run that was cut off may have left half a line. */
async function endsWhole(handle: Awaited<ReturnType<typeof open>>): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return true;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() === '\n';
}

/** In the order of time; lines that are none are passed over. */
export async function readDeliveries(folder: string): Promise<DeliveryRecord[]> {
  const text = (await unlessGone(readFile(join(folder, deliveriesFile), 'utf8'))) ?? '';
  return text.split('\n').flatMap((line) => parseDelivery(line) ?? []);
}
