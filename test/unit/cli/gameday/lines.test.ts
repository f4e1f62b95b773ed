import { expect } from 'chai';
import { beginningLines, listLines, outcomeLine, timesTable } from '../../../../src/cli/gameday/lines.ts';
import { playGameDay } from '../../../../src/cli/gameday/play.ts';
import type { GameDay } from '../../../../src/flow/gameday/game-day.ts';
import { FiredrillError } from '../../../../src/kit/errors.ts';
import { fakeStage } from '../../../support/gameday-stage.ts';
import { scenario } from '../../../support/scenario.ts';

const listed = (name: string, error?: FiredrillError) => ({
  ...{ name, file: `/drills/${name}.yaml`, own: false, error },
  scenario: error ? undefined : scenario({ name }),
});

describe('the lines of game days', () => {
  it('list what can be rehearsed, and why the rest cannot', () => {
    const bad = new FiredrillError('CONFIG_INVALID', 'it has 1 problem', { detail: ['drills/b.yaml:5: limit: soon'] });
    expect(listLines([listed('a'), listed('b', bad)])).to.deep.equal([
      'NAME  REASON          LIMIT  SERVICES  TITLE\na     failed-service  1 m    agama     A service is ill',
      '',
      'cannot be rehearsed here:',
      '  b: drills/b.yaml:5: limit: soon',
      'next: firedrill gameday a',
    ]);
    expect(listLines([listed('b', bad)]), 'nothing to propose').to.not.include('next');
  });

  it('tell the situation in lines of a terminal, and where the configuration lies from anywhere', () => {
    const situation = `${'Something is wrong and nobody knows why. '.repeat(5)}\n\nThe manager calls.`;
    const stack = { services: [], configFile: 'gamedays/x/stack/firedrill.yaml' };
    const lines = beginningLines({ scenario: scenario({ situation }), stack } as unknown as GameDay)
      .join('\n')
      .split('\n');
    const told = lines.slice(lines.indexOf('') + 1);
    expect(Math.max(...told.filter((line) => !line.includes('export')).map((line) => line.length))).to.be.below(121);
    expect(told.filter((line) => line.startsWith('The manager'))).to.deep.equal(['The manager calls.']);
    expect(lines.find((line) => line.includes('export'))).to.match(
      /FIREDRILL_CONFIG=\/.*gamedays\/x\/stack\/firedrill\.yaml$/,
    );
  });

  it('put times on one table, with what is not known', async () => {
    await using given = await fakeStage();
    const day = { scenario: scenario(), operator: '', robot: true };
    const { journal } = await playGameDay(given.stage, day);
    const [heading, row] = timesTable([journal]).split('\n');
    expect(heading).to.match(/^SCENARIO +OUTCOME +DETECTION +DECISION +RESTORE +VERIFICATION +HINTS +TOTAL +LIMIT$/);
    expect(row).to.match(/^ill +recovered +0\.\d s +0\.\d s .* 1 m$/);
    const empty = { ...journal, minutes: { ...journal.minutes, totalMs: null, detectionMs: null } };
    expect(timesTable([empty]).split('\n')[1]).to.match(/recovered +– .* – +1 m$/);
    expect(outcomeLine(journal, 'r.html')).to.match(
      /^game day ill: recovered: recovered and verified after .* \| report: r\.html$/,
    );
  });
});
