import { Readable } from 'node:stream';
import { expect } from 'chai';
import { GreetingFilter, newToken } from '../../../src/hosts/preamble.ts';
import { collect } from '../../../src/kit/streams.ts';

async function filter(token: string, text: string, pieceLength: number) {
  const pieces = Array.from({ length: Math.ceil(text.length / pieceLength) }, (_, i) => {
    return Buffer.from(text.slice(i * pieceLength, (i + 1) * pieceLength));
  });
  const filtered = new GreetingFilter(token);
  const rest = (await collect(Readable.from(pieces).pipe(filtered), 1 << 20, 'test')).toString();
  return { rest, greeting: await filtered.greeting };
}

describe('the greeting of a tool', () => {
  const token = newToken();

  for (const length of [1, 7, 1000]) {
    it(`is taken out of stderr, in pieces of ${length}`, async () => {
      const text = `noise of a login shell\n${token} 4711\nfirst\n${token} 1\n`;
      expect(await filter(token, text, length)).to.deep.equal({
        greeting: 4711,
        rest: `noise of a login shell\nfirst\n${token} 1\n`,
      });
    });
  }

  it('may be that the tool is missing', async () => {
    expect(await filter(token, `${token} missing\n`, 5)).to.deep.equal({ greeting: 'missing', rest: '' });
  });

  it('is undefined when nobody greets, and nothing is lost', async () => {
    expect(await filter(token, 'only noise', 3)).to.deep.equal({ greeting: undefined, rest: 'only noise' });
    expect(await filter(token, `${token} 47`, 3)).to.deep.equal({ greeting: undefined, rest: `${token} 47` });
    expect(await filter(token, '', 3)).to.deep.equal({ greeting: undefined, rest: '' });
  });

  it('is not waited for in endless noise', async () => {
    const noise = 'n'.repeat(200_000);
    expect((await filter(token, `${noise}\n${token} 3\n`, 10_000)).greeting).to.equal(undefined);
  });

  it('is undefined when stderr breaks', async () => {
    const filtered = new GreetingFilter(token);
    filtered.on('error', () => {});
    filtered.destroy(new Error('lost'));
    expect(await filtered.greeting).to.equal(undefined);
  });
});
