import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect } from 'chai';
import { collect, GatheringStream } from '../../../src/kit/streams.ts';
import { rejectionOf } from '../../support/rejection.ts';

/** A stream that offers all of it at once, or does not. */
function offering(atOnce: Buffer | undefined) {
  const stream = Readable.from([Buffer.from('streamed')], { objectMode: false });
  return Object.assign(stream, { atOnce: async () => atOnce });
}

describe('collect', () => {
  it('joins what flows in', async () => {
    const stream = Readable.from([Buffer.from('one, '), Buffer.from('two')], { objectMode: false });
    expect((await collect(stream, 8, 'the text')).toString()).to.equal('one, two');
    expect(await collect(Readable.from([], { objectMode: false }), 8, 'the text')).to.have.length(0);
  });

  it('refuses more than it may hold', async () => {
    const error = await rejectionOf(collect(offering(undefined), 7, 'the text'));
    expect(error).to.include({ code: 'LIMIT_EXCEEDED', message: 'the text is larger than 7 bytes' });
    expect(await rejectionOf(collect(offering(Buffer.alloc(9)), 7, 'the text'))).to.include({ code: 'LIMIT_EXCEEDED' });
  });

  it('takes all at once where that is offered, and leaves no stream open', async () => {
    const stream = offering(Buffer.from('at once'));
    expect((await collect(stream, 8, 'the text')).toString()).to.equal('at once');
    expect(stream.destroyed).to.equal(true);
    expect((await collect(offering(undefined), 8, 'the text')).toString()).to.equal('streamed');
  });

  it('streams what somebody has begun to read', async () => {
    const stream = offering(Buffer.from('at once'));
    await new Promise((resolve) => stream.once('readable', resolve));
    expect(stream.read(2)?.toString()).to.equal('st');
    expect((await collect(stream, 8, 'the text')).toString()).to.equal('reamed');
  });
});

describe('GatheringStream', () => {
  const passed = async (chunks: readonly string[], leastBytes: number) => {
    const gathering = new GatheringStream(leastBytes);
    const all: string[] = [];
    gathering.on('data', (chunk) => all.push(String(chunk)));
    await pipeline(Readable.from(chunks.map((each) => Buffer.from(each))), gathering);
    return { all, bytes: gathering.bytes };
  };

  it('passes on small chunks together, none smaller than asked but the last, and counts their bytes', async () => {
    expect(await passed(['a', 'bc', 'd', 'efgh', 'i'], 3)).to.deep.equal({ all: ['abc', 'defgh', 'i'], bytes: 9 });
    expect(await passed(['abcd', 'efgh'], 3)).to.deep.equal({ all: ['abcd', 'efgh'], bytes: 8 });
    expect(await passed([], 3)).to.deep.equal({ all: [], bytes: 0 });
  });
});
