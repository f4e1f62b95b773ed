import { pipeline, Readable } from 'node:stream';
import { expect } from 'chai';
import fc from 'fast-check';
import { Demultiplexer } from '../../../src/hosts/demultiplexer.ts';
import { collect } from '../../../src/kit/streams.ts';

interface Frame {
  stream: number;
  bytes: Uint8Array;
}

function encode({ stream, bytes }: Frame): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

async function part(raw: Buffer, pieceLength: number) {
  const pieces = Array.from({ length: Math.ceil(raw.length / pieceLength) }, (_, i) =>
    raw.subarray(i * pieceLength, (i + 1) * pieceLength),
  );
  const output = new Demultiplexer();
  pipeline(Readable.from(pieces), output, () => {});
  const [stdout, stderr] = await Promise.all([
    collect(output.stdout, 1 << 24, 'stdout'),
    collect(output.stderr, 1 << 24, 'stderr'),
  ]);
  return { stdout, stderr };
}

const messageOfFailure = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no failure',
    (error: Error) => error.message,
  );

describe('Demultiplexer', () => {
  it('parts any frames in any pieces', async () => {
    const frames = fc.array(fc.record({ stream: fc.constantFrom(1, 2), bytes: fc.uint8Array({ maxLength: 300 }) }), {
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(frames, fc.integer({ min: 1, max: 700 }), async (list, pieceLength) => {
        const { stdout, stderr } = await part(Buffer.concat(list.map(encode)), pieceLength);
        const expected = (stream: number) =>
          Buffer.concat(list.filter((each) => each.stream === stream).map((each) => each.bytes));
        expect(stdout.equals(expected(1))).to.equal(true);
        expect(stderr.equals(expected(2))).to.equal(true);
      }),
    );
  });

  it('breaks within a frame and within a header', async () => {
    const raw = encode({ stream: 1, bytes: Buffer.from('hello') });
    for (let end = 1; end < raw.length; end++) {
      expect(await messageOfFailure(part(raw.subarray(0, end), 3)), `cut at ${end}`).to.equal(
        'the stream from Docker ended within a frame',
      );
    }
  });

  it('breaks at an unknown stream', async () => {
    expect(await messageOfFailure(part(encode({ stream: 7, bytes: Buffer.from('x') }), 100))).to.contain(
      'unknown stream 7',
    );
  });

  it('waits for a reader', async () => {
    const output = new Demultiplexer();
    let written = 0;
    const block = encode({ stream: 1, bytes: Buffer.alloc(1 << 16) });
    async function* blocks() {
      for (; written < 1000; written++) yield block;
    }
    pipeline(Readable.from(blocks()), output, () => {});
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(written).to.be.lessThan(50);
    output.stderr.resume();
    let bytes = 0;
    for await (const chunk of output.stdout) bytes += (chunk as Buffer).length;
    expect(bytes).to.equal(1000 << 16);
  });
});
