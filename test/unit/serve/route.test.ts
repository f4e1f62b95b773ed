import { expect } from 'chai';
import fc from 'fast-check';
import { isOwnHost, routeOf } from '../../../src/serve/route.ts';

describe('routeOf', () => {
  it('knows its pages, and the files of a report', () => {
    expect(routeOf('/')).to.deep.equal({ kind: 'index' });
    expect(routeOf('/index.html?x=1')).to.deep.equal({ kind: 'index' });
    expect(routeOf('/live')).to.deep.equal({ kind: 'live' });
    expect(routeOf('/20261122T021500Z-nightly/report.html')).to.deep.equal({
      ...{ kind: 'file', of: 'drill', folder: '20261122T021500Z-nightly', name: 'report.html' },
    });
    expect(routeOf('/gamedays/')).to.deep.equal({ kind: 'game-days' });
    expect(routeOf('/gamedays/20261122T021500Z-hardware/report.html')).to.deep.equal({
      ...{ kind: 'file', of: 'game-day', folder: '20261122T021500Z-hardware', name: 'report.html' },
    });
  });

  for (const target of [
    '/20261122T021500Z-nightly/../../etc/passwd',
    '/20261122T021500Z-nightly/..%2f..%2fetc%2fpasswd',
    '/%2e%2e/etc/passwd',
    '/..\\..\\etc\\passwd',
    '//etc/passwd',
    '/20261122T021500Z-nightly//report.html',
    '/20261122T021500Z-nightly/report.html/',
    '/20261122T021500Z-nightly/report.html%00.txt',
    '/20261122T021500Z-nightly/mail.json',
    '/20261122T021500Z-nightly/constructor',
    '/20261122T021500Z-nightly/',
    '/gamedays',
    '/gamedays/20261122T021500Z-hardware/events.jsonl',
    '/gamedays/20261122T021500Z-hardware/stack/firedrill.yaml',
    '/gamedays/.running/current',
    '/ledger.jsonl',
    '/.drills.json',
    '/.running/20261122T021500Z-nightly.1.jsonl',
    '/.locks/ledger.1/holder.json',
    '/__proto__',
    '/constructor',
    'http://127.0.0.1/',
    '*',
    '',
  ]) {
    it(`has no page ${JSON.stringify(target)}`, () => {
      expect(routeOf(target)).to.deep.equal({ kind: 'none' });
    });
  }

  it('never names anything but a folder of a drill and one of five files', () => {
    const part = fc.constantFrom(
      '/',
      '..',
      '%2e',
      '20261122T021500Z-nightly',
      'report.html',
      '\\',
      '\0',
      '.',
      'live',
      '?',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string({ maxLength: 5 })), { maxLength: 8 }), (parts) => {
        const route = routeOf(`/${parts.join('')}`);
        if (route.kind !== 'file') return;
        expect(route.folder).to.match(/^\d{8}T\d{6}Z-[a-z0-9-]+$/);
        expect(route.name).to.match(/^(report\.(html|txt)|journal\.json|junit\.xml|metrics\.prom)$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('isOwnHost', () => {
  it('answers to this machine by its own names, at any port, since ssh forwards them', () => {
    for (const host of ['127.0.0.1:9478', 'localhost', 'LOCALHOST:1', '[::1]:9478']) {
      expect(isOwnHost(['Host', host]), host).to.equal(true);
    }
  });

  it('answers to no other name, to none, and not to two', () => {
    for (const host of [
      'evil.example',
      '127.0.0.1.evil.example',
      'localhost.evil.example:9478',
      'x@127.0.0.1',
      '127.0.0.1:9478:1',
      '',
      '0.0.0.0',
      '127.1',
    ]) {
      expect(isOwnHost(['Host', host]), host).to.equal(false);
    }
    expect(isOwnHost([])).to.equal(false);
    expect(isOwnHost(['Host', '127.0.0.1', 'host', '127.0.0.1'])).to.equal(false);
    expect(isOwnHost(['X', 'Host', 'Y', '127.0.0.1'])).to.equal(false);
  });
});
