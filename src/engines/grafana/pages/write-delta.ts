import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { FiredrillError } from '../../../kit/errors.ts';
import { type BlockList, blockHash, changedBlocks, fill } from './blocks.ts';
import { encodeHeader, endMark, endNumber, lengthOfBlock, recordHeadBytes } from './delta-format.ts';

/** What turns the base into the file at `path`, whose list is `now`. See `DeltaHeader` for the format. */
export function writeDelta(path: string, base: BlockList, now: BlockList): Readable {
  return Readable.from(deltaOf(path, base, now), { objectMode: false });
}

async function* deltaOf(path: string, base: BlockList, now: BlockList): AsyncGenerator<Buffer> {
  const numbers = changedBlocks(base, now);
  const { pageBytes, blockBytes } = now;
  yield encodeHeader({ pageBytes, blockBytes, records: numbers.length, base, result: now });
  await using file = await open(path);
  for (const number of numbers) {
    const content = Buffer.alloc(lengthOfBlock(number, now.bytes, blockBytes));
    if ((await fill(file, content, number * blockBytes)) < content.length) {
      throw new FiredrillError('BACKUP_INCOMPLETE', 'the copy of grafana.db became shorter while it was read');
    }
    yield recordHead(number, content);
    yield content;
  }
  const end = Buffer.alloc(4);
  end.writeUInt32BE(endNumber);
  yield end;
  yield endMark;
}

function recordHead(number: number, content: Buffer): Buffer {
  const head = Buffer.alloc(recordHeadBytes);
  head.writeUInt32BE(number);
  blockHash(content).copy(head, 4);
  return head;
}
