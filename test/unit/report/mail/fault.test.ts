import { expect } from 'chai';
import { FiredrillError } from '../../../../src/kit/errors.ts';
import { renderFault } from '../../../../src/report/mail/render-fault.ts';
import { hostileNames } from '../../../support/hostile.ts';
import { strangeInMail } from '../../../support/mail-markup.ts';
import { drillsBefore } from '../../../support/mail-order.ts';

const fault = (error: FiredrillError) =>
  renderFault({
    error,
    at: '2026-11-22T02:15:00.000Z',
    host: 'backup1',
    timeZone: 'UTC',
    responsible: 'Jaan',
    last: drillsBefore(1)[0],
  });

describe('the mail about a drill that could not be made', () => {
  it('says why, who must do what, and what was known last', () => {
    const { subject, text, urgent } = fault(
      new FiredrillError('NO_SUCH_SET', 'vault onsite is empty', { detail: ['no set'] }),
    );
    expect(subject).to.equal('NO DRILL · vault onsite is empty');
    expect(text).to.match(
      /^Nothing is known of the newest backups, for no drill could be made \(vault onsite is empty\); Jaan must look into it today, and begin with: firedrill list\.\n\nWhat was said\nno set\n\nThe newest drill that there was began on Sat 21 Nov, 02:15 and ended with pass\./,
    );
    expect(urgent).to.equal(true);
  });

  it('lets no word of it become HTML or a header', () => {
    for (const name of hostileNames) {
      const { subject, html } = fault(
        new FiredrillError('VAULT_READ', name, { detail: [...hostileNames], hint: name }),
      );
      expect(strangeInMail(html)).to.deep.equal([]);
      expect(subject).to.not.match(/[\r\n\0]/);
    }
  });
});
