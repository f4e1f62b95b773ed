import { expect } from 'chai';
import type { GameDayJournal } from '../../../../src/model/gameday-journal.ts';
import { renderGameDayMail } from '../../../../src/report/gameday/render-gameday-mail.ts';
import { gameDayJournal, hostileGameDay, lostGameDay, robotGameDay } from '../../../support/gameday-journal.ts';
import { strangeInMail } from '../../../support/mail-markup.ts';

const mail = (journal: GameDayJournal, earlier: readonly GameDayJournal[] = [], attachmentLimitBytes = 1024 ** 2) =>
  renderGameDayMail({ journal, earlier, timeZone: 'Europe/Tallinn', attachmentLimitBytes, folder: '/srv/gamedays/x' });

describe('the mail about a game day', () => {
  it('says what came of it, and where the minutes went beside the robot’s', () => {
    const { subject, text, urgent, attachment } = mail(gameDayJournal(), [robotGameDay()]);
    expect(subject).to.equal('RECOVERED 14m12s of 30m · game day deleted-data · Zoë Müller');
    expect(text).to.match(/^agama was recovered in 14 m 12 s of 30 m: all 2 checks hold\.\n/);
    expect(text).to.match(/- the robot, .*12:00: seen .*, in all 39\.5/);
    expect(text)
      .to.contain('put it into the vault of secrets (Zoë, 2026-12-04)')
      .and.contain('The full report is attached.');
    expect(urgent).to.equal(false);
    expect(attachment?.filename).to.equal('20261129T103107Z-deleted-data.html');
  });

  it('is urgent when nothing was recovered, and says what did not hold', () => {
    const { subject, text, urgent } = mail(lostGameDay());
    expect(subject).to.equal('NOT RECOVERED · game day deleted-data · Zoë Müller');
    expect(text).to.contain('What did not hold at the last claim\nagama: orders as before: 0');
    expect(urgent).to.equal(true);
  });

  it('leaves out a report that is too large, and says so', () => {
    const { attachment, text } = mail(gameDayJournal(), [], 100);
    expect(attachment).to.equal(null);
    expect(text).to.contain('is larger than 100 B, and not attached.');
  });

  it('lets no word of it become HTML or a header', () => {
    const { subject, html } = mail(hostileGameDay(), [hostileGameDay()]);
    expect(strangeInMail(html)).to.deep.equal([]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(subject).to.not.match(/[\u0000-\u001f\u202e]/);
    expect(subject.length).to.be.most(200);
  });
});
