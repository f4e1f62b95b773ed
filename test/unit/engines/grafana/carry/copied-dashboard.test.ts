import { expect } from 'chai';
import { folderTitle } from '../../../../../src/engines/grafana/carry/carry-dashboards.ts';
import { comparable, copiesOf } from '../../../../../src/engines/grafana/carry/copied-dashboard.ts';

const dashboard = (title: string, more: object = {}) => ({ id: 7, uid: 'u', version: 12, title, panels: [], ...more });

describe('copiesOf', () => {
  it('leaves out what is of the dashboard that lives, and keeps the rest', () => {
    const [copy] = copiesOf([{ uid: 'u', dashboard: dashboard('Web', { tags: ['a'], refresh: '5s' }) }]);
    expect(copy).to.deep.equal({
      uid: 'u',
      content: { title: 'Web', panels: [], tags: ['a'], refresh: '5s' },
      alerts: 0,
    });
  });

  it('leaves out alerts, wherever a panel is, and counts them', () => {
    const given = dashboard('Web', {
      panels: [
        { id: 1, alert: { name: 'high' } },
        { id: 2, type: 'row', panels: [{ id: 3, alert: { name: 'low' }, title: 'inside' }] },
        { id: 4, type: 'alertlist' },
      ],
      rows: [{ panels: [{ id: 5, alert: {} }] }],
    });
    const before = structuredClone(given);
    const [copy] = copiesOf([{ uid: 'u', dashboard: given }]);
    expect(copy?.alerts).to.equal(3);
    expect(copy?.content).to.deep.include({
      panels: [{ id: 1 }, { id: 2, type: 'row', panels: [{ id: 3, title: 'inside' }] }, { id: 4, type: 'alertlist' }],
      rows: [{ panels: [{ id: 5 }] }],
    });
    expect(given).to.deep.equal(before);
  });

  it('gives the second of the same title its old uid, and one without a title too', () => {
    const given = [dashboard('Web'), dashboard(' web '), dashboard('Web (c)'), dashboard('')];
    const copies = copiesOf(given.map((each, i) => ({ uid: 'abcd'[i] ?? '', dashboard: each })));
    expect(copies.map(({ content }) => content.title)).to.deep.equal(['Web', 'web (b)', 'Web (c)', 'd']);
  });
});

describe('comparable', () => {
  it('is the same for what a server gives each copy of its own, and another for everything else', () => {
    const one = comparable(dashboard('Web', { panels: [{ id: 1, title: 'a' }] }));
    expect(
      comparable({ ...dashboard('Web', { panels: [{ id: 1, title: 'a' }] }), id: 8, uid: 'v', version: 1 }),
    ).to.deep.equal(one);
    expect(comparable(dashboard('Web', { panels: [{ id: 1, title: 'b' }] }))).to.not.deep.equal(one);
    expect(comparable(dashboard('Wob', { panels: [{ id: 1, title: 'a' }] }))).to.not.deep.equal(one);
  });

  it('knows of a library panel which it is, and not what the server keeps of it', () => {
    const at = { id: 1, gridPos: { x: 0 } };
    const panel = (uid: string, title: string) => ({ ...at, title, libraryPanel: { uid, name: title } });
    const inRow = (panels: object[]) => comparable(dashboard('Web', { panels: [{ id: 9, type: 'row', panels }] }));
    expect(inRow([panel('lib', 'of then')])).to.deep.equal(inRow([panel('lib', 'of today')]));
    expect(inRow([panel('lib', 'x')])).to.not.deep.equal(inRow([panel('other', 'x')]));
  });
});

describe('folderTitle', () => {
  it('says when it was restored', () => {
    expect(folderTitle('20261124T013007Z')).to.equal('restored 2026-11-24 01:30:07 UTC');
  });
});
