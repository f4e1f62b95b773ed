import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect } from 'chai';
import { FiredrillError } from '../../../src/kit/errors.ts';
import { collect, DigestStream } from '../../../src/kit/streams.ts';
import { tapped } from '../../../src/kit/tap.ts';
import { rejectionOf } from '../../support/rejection.ts';

const megabyte = Buffer.alloc(1 << 20, 7);
const source = (pieces: number) =>
  Readable.from(
    Array.from({ length: pieces }, () => megabyte),
    { objectMode: false },
  );

describe('tapped', () => {
  it('shows each byte to both readers, a slow one included', async () => {
    const { tap, result } = tapped(async (copy) => {
      let bytes = 0;
      for await (const chunk of copy as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        await new Promise((resolve) => setImmediate(resolve));
      }
      return bytes;
    });
    const digest = new DigestStream();
    await pipeline(source(20), tap, digest.resume());
    expect(digest.digest().bytes).to.equal(20 << 20);
    expect(await result).to.equal(20 << 20);
  });

  it('lets a second reader come to its end after the first one has', async () => {
    const { tap, result } = tapped(async (copy) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return (await collect(copy, 1000, 'a copy')).length;
    });
    await pipeline(Readable.from([Buffer.from('short')], { objectMode: false }), tap, new DigestStream().resume());
    expect(tap.destroyed).to.equal(true);
    expect(await result).to.equal(5);
  });

  it('flows on when the second reader has seen enough', async () => {
    const { tap, result } = tapped(async (copy) => {
      for await (const chunk of copy) return (chunk as Buffer).length;
      return 0;
    });
    const digest = new DigestStream();
    await pipeline(source(20), tap, digest.resume());
    expect(digest.digest().bytes).to.equal(20 << 20);
    expect(await result).to.be.greaterThan(0);
  });

  it('breaks with the error of the second reader', async () => {
    const { tap, result } = tapped(async (copy) => {
      await collect(copy, 100, 'a copy');
    });
    expect(await rejectionOf(pipeline(source(20), tap, new DigestStream().resume()))).to.include({
      code: 'LIMIT_EXCEEDED',
    });
    expect(await rejectionOf(result)).to.include({ code: 'LIMIT_EXCEEDED' });
  });

  it('breaks the second reader when the source breaks', async () => {
    const broken = Readable.from(
      (async function* () {
        yield megabyte;
        throw new FiredrillError('VAULT_READ', 'the disk is gone');
      })(),
      { objectMode: false },
    );
    const { tap, result } = tapped((copy) => collect(copy, 1 << 30, 'a copy'));
    expect(await rejectionOf(pipeline(broken, tap, new DigestStream().resume()))).to.include({ code: 'VAULT_READ' });
    expect(await rejectionOf(result)).to.be.an('error');
  });
});
