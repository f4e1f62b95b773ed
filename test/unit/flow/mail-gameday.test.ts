import { expect } from 'chai';
import { mailGameDay } from '../../../src/flow/mail-gameday.ts';
import { readDeliveries } from '../../../src/report/deliveries.ts';
import { writeGameDay } from '../../../src/report/gameday/write-gameday.ts';
import { everybody } from '../../support/everybody.ts';
import { gameDayJournal, robotGameDay } from '../../support/gameday-journal.ts';
import { scratchFolder } from '../../support/scratch.ts';

describe('a game day that is mailed', () => {
  async function mailed(says: Parameters<typeof everybody>[1]) {
    await using folder = await scratchFolder();
    await using all = await everybody(folder.path, says);
    const { mail: channel } = all.telling.channels;
    if (!channel) throw new Error('there is no mail');
    await writeGameDay(robotGameDay(), folder.path);
    const journal = gameDayJournal();
    const written = await writeGameDay(journal, folder.path);
    const day = { journal, folder: written.folder, earlier: written.earlier };
    const result = await mailGameDay(day, channel, all.telling);
    return { result, received: all.mail.received, deliveries: await readDeliveries(written.folder) };
  }

  it('arrives with its report and the robot’s minutes, and that is recorded', async () => {
    const { result, received, deliveries } = await mailed({});
    expect(result).to.deep.include({ accepted: ['boss@example.com'], error: undefined });
    const [parsed] = received.map((each) => each.parsed);
    expect(parsed?.subject).to.equal('RECOVERED 14m12s of 30m · game day deleted-data · Zoë Müller');
    expect(parsed?.text).to.contain('- the robot, ');
    expect(parsed?.attachments.map(({ filename }) => filename)).to.deep.equal(['20261129T103107Z-deleted-data.html']);
    expect(deliveries.map(({ outcome, about }) => [outcome, about])).to.deep.equal([
      ['accepted', '20261129T103107Z-deleted-data'],
    ]);
  });

  it('says so when it is refused', async () => {
    const { result, deliveries } = await mailed({ sender: ['550 5.7.1 no'] });
    expect(result.error?.code).to.equal('MAIL_REFUSED');
    expect(deliveries.map(({ outcome }) => outcome)).to.deep.equal(['refused']);
  });
});
