import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { examine, ok, problemOf } from '../../../../src/cli/doctor/examine.ts';
import { describeGroups } from '../../../../src/cli/doctor-command.ts';
import { FiredrillError } from '../../../../src/kit/errors.ts';

const never = new AbortController().signal;

describe('examine', () => {
  it('gives what was found', async () => {
    expect(await examine('keys', 1_000, never, async () => [ok('fine')])).to.deep.equal({
      title: 'keys',
      findings: [{ ok: true, what: 'fine' }],
    });
  });

  it('makes a problem of whatever is thrown', async () => {
    const thrown = async () => {
      throw new FiredrillError('SOURCE_DENIED', 'no entry', { detail: ['a', 'b', 'c'], hint: 'Ask.' });
    };
    const { findings } = await examine('source', 1_000, never, thrown);
    expect(findings).to.deep.equal([{ ok: false, what: 'no entry (b; c)', advice: 'Ask.' }]);
    const bug = async () => Promise.reject(new TypeError('x is not a function'));
    expect((await examine('source', 1_000, never, bug)).findings[0]?.what).to.equal('x is not a function');
  });

  it('does not wait for what hangs, and tells it to stop', async () => {
    let told = false;
    const hangs = (signal: AbortSignal) => {
      signal.addEventListener('abort', () => {
        told = true;
      });
      return new Promise<never>(() => {});
    };
    const { findings } = await examine('source', 30, never, hangs);
    expect(findings[0]).to.include({ ok: false, what: 'there was no answer within 0.0 s' });
    expect(told).to.equal(true);
  });

  it('does not advise to ask the doctor', () => {
    expect(problemOf(new FiredrillError('HOST_UNREACHABLE', 'gone')).advice).to.not.match(/^Run: firedrill doctor$/);
  });
});

describe('describeGroups', () => {
  it('prints a line for each finding, what to do beneath a problem, and their number', () => {
    const text = describeGroups([
      { title: 'Docker', findings: [ok('it answers')] },
      { title: 'source agama', findings: [{ ok: false, what: 'gone\u001b[2J', advice: 'Look.' }] },
    ]);
    expect(stripVTControlCharacters(text).split('\n')).to.deep.equal([
      'Docker',
      '  ok       it answers',
      'source agama',
      '  PROBLEM  gone\\x1b[2J',
      '           what to do: Look.',
      '1 problem',
    ]);
    expect(describeGroups([{ title: 'a', findings: [ok('b')] }])).to.match(/no problem was found$/);
  });
});
