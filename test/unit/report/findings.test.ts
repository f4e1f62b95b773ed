import { expect } from 'chai';
import { errorCodes, FiredrillError } from '../../../src/kit/errors.ts';
import { nextView } from '../../../src/report/view/findings-view.ts';

describe('nextView', () => {
  const command = (next: string) => nextView(next).command;

  it('takes a command for what it is', () => {
    expect(nextView('firedrill backup agama --full')).to.deep.equal({
      given: true,
      before: '',
      command: 'firedrill backup agama --full',
      after: '',
    });
    expect(command('firedrill drill --at 2026-11-15T01:30:00.000Z')).to.equal(
      'firedrill drill --at 2026-11-15T01:30:00.000Z',
    );
  });

  it('finds the command in an advice', () => {
    expect(nextView('Start Docker, then run the drill again. Run: firedrill doctor')).to.include({
      before: 'Start Docker, then run the drill again. Run: ',
      command: 'firedrill doctor',
    });
    expect(nextView('Run: firedrill init --keys, or restore the key file.')).to.include({
      command: 'firedrill init --keys',
      after: ', or restore the key file.',
    });
    expect(command('Mend it, then run: firedrill config check')).to.equal('firedrill config check');
  });

  it('leaves an advice without a command as it is', () => {
    expect(nextView('This is a fault of firedrill. Please report it.')).to.deep.equal({
      given: true,
      before: 'This is a fault of firedrill. Please report it.',
      command: '',
      after: '',
    });
    expect(nextView('').given).to.equal(false);
  });

  it('loses no word of any hint of the table of errors', () => {
    for (const code of errorCodes) {
      const { hint } = new FiredrillError(code, 'x');
      const { before, command: said, after } = nextView(hint);
      expect(before + said + after).to.equal(hint);
    }
  });
});
