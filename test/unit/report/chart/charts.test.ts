import { expect } from 'chai';
import { dataLossesChart, dataLossesSize } from '../../../../src/report/chart/data-losses.ts';
import { renderPng } from '../../../../src/report/chart/render-png.ts';
import { renderSvg } from '../../../../src/report/chart/render-svg.ts';
import { restoreTimesChart, restoreTimesSize } from '../../../../src/report/chart/restore-times.ts';
import { hostileNames } from '../../../support/hostile.ts';

/** What a chart says in words. */
const wordsOf = (svg: string) =>
  [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text?.replaceAll('\u00a0', ' ').trim());

const day = (label: string, usedMs: number | null) =>
  ({ label, usedMs, verdict: usedMs === null ? 'fail' : 'pass' }) as const;

describe('charts', () => {
  it('shows restore times against what is allowed, the newest with its value', async () => {
    const drills = [day('20 Nov', 300_000), day('21 Nov', null), day('22 Nov', 192_000)];
    const words = wordsOf(await renderSvg(restoreTimesChart(drills, 1_800_000), restoreTimesSize));
    expect(words).to.include.members(['20 Nov', '21 Nov', '22 Nov', '30 m', 'allowed: 30 m', '3 m 12 s', '✕']);
    expect(words).to.not.include('5 m');
  });

  it('makes room for a drill that took longer than is allowed', async () => {
    const late = restoreTimesChart([day('22 Nov', 7_200_000)], 1_800_000);
    expect(wordsOf(await renderSvg(late, restoreTimesSize))).to.include.members(['2 h', 'allowed: 30 m']);
    expect((late.yAxis as { max: number }).max).to.be.greaterThan(7_200_000);
  });

  it('shows losses as shares of what each service may lose, and what did not come back as lost', async () => {
    const losses = [
      { service: 'agama', measuredMs: 2_700_000, objectiveMs: 3_600_000 },
      { service: 'grafana', measuredMs: null, objectiveMs: 86_400_000 },
    ];
    const words = wordsOf(await renderSvg(dataLossesChart(losses), dataLossesSize(2)));
    expect(words).to.include.members(['agama', '45 m of 1 h', 'grafana', 'did not come back', 'allowed']);
  });

  it('draws hostile names as text, in SVG that a strict reader takes', async () => {
    const ofObjects = ['__proto__', 'constructor', 'toString'];
    for (const service of [...hostileNames, ...ofObjects, '{a|b}', '\ufffe', 'a\ud83d', '\u0000']) {
      const losses = dataLossesChart([{ service, measuredMs: 1, objectiveMs: 2 }]);
      const svg = await renderSvg(losses, dataLossesSize(1));
      expect(svg).to.not.match(/<script|<image|<foreignObject|href=|url\((?!#)/i);
      expect((await renderPng(svg)).subarray(1, 4).toString()).to.equal('PNG');
      expect(Object.keys(Object.prototype), service).to.deep.equal([]);
    }
  });

  it('draws words with a font of its own: two names do not look alike', async () => {
    const pngOf = async (service: string) =>
      renderPng(await renderSvg(dataLossesChart([{ service, measuredMs: 1, objectiveMs: 2 }]), dataLossesSize(1)));
    const [one, same, other] = [await pngOf('agama'), await pngOf('agama'), await pngOf('omega')];
    expect(one.equals(same)).to.equal(true);
    expect(one.equals(other)).to.equal(false);
  });
});
