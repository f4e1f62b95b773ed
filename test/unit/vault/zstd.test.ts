import { Readable } from 'node:stream';
import { expect } from 'chai';
import { chain, collect } from '../../../src/kit/streams.ts';
import { zstdDecoder, zstdEncoder } from '../../../src/vault/zstd.ts';

const maxBytes = 1 << 24;
const encode = (chunks: readonly Buffer[]) =>
  collect(chain(Readable.from(chunks, { objectMode: false }), zstdEncoder()), maxBytes, 'a test');

/** How often zstd's magic number begins a frame. */
const frames = (encoded: Buffer) => encoded.toString('latin1').split('\x28\xb5\x2f\xfd').length - 1;

describe('zstd', () => {
  it('writes one frame, however its content comes in pieces', async () => {
    for (const sizes of [[], [0], [5], [200, 100], [300_000, 1], [1, 300_000, 7], Array(40).fill(70_000)]) {
      const chunks = sizes.map((size: number, i: number) => Buffer.alloc(size, 97 + (i % 26)));
      const encoded = await encode(chunks);
      expect(frames(encoded), `pieces of ${sizes}`).to.equal(1);
      const decoded = await collect(chain(Readable.from([encoded]), zstdDecoder()), maxBytes, 'a test');
      expect(decoded.equals(Buffer.concat(chunks)), `pieces of ${sizes}`).to.equal(true);
    }
  });

  it('hands out what is small without a large buffer behind each of it', async () => {
    const content = Buffer.from('1\tone\n');
    const encoded = await encode([content]);
    const behind = new Set<ArrayBufferLike>();
    for (let i = 0; i < 100; i += 1) {
      const decoded = await collect(chain(Readable.from([encoded]), zstdDecoder(content.length)), maxBytes, 'a test');
      expect(decoded.equals(content)).to.equal(true);
      behind.add(decoded.buffer);
    }
    const bytes = [...behind].reduce((total, { byteLength }) => total + byteLength, 0);
    expect(bytes, 'behind 100 contents').to.be.below(1 << 20);
  });

  it('hands out more than was expected of it', async () => {
    const content = Buffer.alloc(100_000, 'a');
    const decoded = await collect(chain(Readable.from([await encode([content])]), zstdDecoder(3)), maxBytes, 'a test');
    expect(decoded.equals(content)).to.equal(true);
  });
});
