import { expect } from 'chai';
import { describeError, knownError, table } from '../../../src/cli/output.ts';
import { FiredrillError } from '../../../src/kit/errors.ts';

describe('table', () => {
  it('aligns columns and makes control characters visible', () => {
    expect(
      table([
        ['SET', 'NAME'],
        ['a', 'x\u001b[2J'],
        ['longer', 'y'],
      ]),
    ).to.equal('SET     NAME\na       x\\x1b[2J\nlonger  y');
    expect(table([])).to.equal('');
  });
});

describe('describeError', () => {
  const error = new FiredrillError('VAULT_WRITE', 'vault \u001b[31m is full', {
    detail: ['first\nline', 'second'],
    cause: new TypeError('the cause'),
  });

  it('says what happened, why and what to type next, in lines that no content can break', () => {
    const lines = describeError(error, { service: 'agama' }).split('\n');
    expect(lines).to.have.length(5);
    expect(lines[0]).to.match(/error.* \[VAULT_WRITE\] agama: vault \\x1b\[31m is full$/);
    expect(lines.slice(1, 4)).to.deep.equal([
      '  first\\x0aline',
      '  second',
      '  next: Check space and permissions of the vault, then run the backup again.',
    ]);
  });

  it('shows the stack, and those of the causes, in debug mode only', () => {
    expect(describeError(error, { debug: true })).to.match(
      /FiredrillError: .*\n {2,}at .*[\s\S]*caused by\n.*TypeError/,
    );
    expect(describeError(error, {})).to.not.match(/ at |caused by/);
  });

  it('is one line of JSON for programs', () => {
    const text = describeError(error, { json: true, service: 'agama' });
    expect(text.trimEnd().split('\n')).to.have.length(1);
    expect(JSON.parse(text).error).to.deep.include({ code: 'VAULT_WRITE', service: 'agama', exitStatus: 1 });
    expect(JSON.parse(describeError(error, { json: true, debug: true })).error.stack).to.be.an('array');
  });
});

describe('knownError', () => {
  it('gives everything that was thrown a code', () => {
    expect(knownError(new TypeError('x'))).to.include({ code: 'INTERNAL', exit: 1, message: 'x' });
    expect(knownError('a string').message).to.equal('a string');
    const known = new FiredrillError('USAGE', 'x');
    expect(knownError(known)).to.equal(known);
  });
});
