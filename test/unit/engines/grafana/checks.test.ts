import { expect } from 'chai';
import type { ServerAnswers } from '../../../../src/engines/grafana/checks/api-inventory.ts';
import { checkContent } from '../../../../src/engines/grafana/checks/content.ts';
import { checkInventory } from '../../../../src/engines/grafana/checks/inventory.ts';
import { checkSecrets } from '../../../../src/engines/grafana/checks/secrets.ts';
import { checkSemantics } from '../../../../src/engines/grafana/checks/semantics.ts';
import { GrafanaDatabase } from '../../../../src/engines/grafana/database/grafana-database.ts';
import { type GrafanaFacts, readFacts } from '../../../../src/engines/grafana/facts.ts';
import type { CheckResult } from '../../../../src/model/check.ts';
import { sampleFile, sampleKey } from '../../../support/grafana-source.ts';

const file = { name: 'etc/grafana/grafana.ini', bytes: 3, sha256: 'a'.repeat(64) };

function sampleFacts(): GrafanaFacts {
  using db = new GrafanaDatabase(sampleFile('7.5.5'), 'ARTIFACT_FORMAT');
  return readFacts(db, sampleKey, [file]);
}

const facts = sampleFacts();
const copy = () => structuredClone(facts);

/** The answers of a server that shows exactly what was backed up. */
function goodAnswers(): ServerAnswers {
  return {
    organisations: facts.organisations.map(({ id, name }) => `${name} (${id})`),
    each: facts.organisations.map(({ id, items }) => ({
      id,
      lists: { dashboards: items.dashboards.map(({ key }) => key), users: items.users.map(({ key }) => key) },
      dashboards: new Map(items.dashboards.map(({ key, sha256 }) => [key, sha256])),
      problems: [],
    })),
  };
}

const inventory = (found: GrafanaFacts, api = goodAnswers()) => checkInventory('g', facts, found, api);
const content = (found: GrafanaFacts, api = goodAnswers(), files = [file]) =>
  checkContent('g', facts, { database: found, files }, api.each);
const sentences = ({ findings }: CheckResult) => findings.map(({ sentence }) => sentence);
const firstOf = <T>(list: T[]): T => {
  const [first] = list;
  if (first === undefined) throw new Error('an empty list');
  return first;
};

describe('the checks of Grafana', () => {
  it('pass what is the same, having looked at all of it', () => {
    for (const result of [inventory(copy()), content(copy())]) {
      expect(result, sentences(result).join()).to.include({ outcome: 'pass', expected: result.lookedAt });
    }
  });

  describe('inventory', () => {
    it('is not fooled by a server that hides one dashboard', () => {
      const api = goodAnswers();
      firstOf(api.each).lists.dashboards?.pop();
      expect(sentences(inventory(copy(), api))).to.have.length(1);
      expect(sentences(inventory(copy(), api))[0]).to.match(
        /^g: the restored server's API lacks 1 of the dashboards of Main Org\.: /,
      );
    });

    it('is not fooled by a server that shows one too many', () => {
      const api = goodAnswers();
      firstOf(api.each).lists.users?.push('intruder');
      expect(sentences(inventory(copy(), api))).to.deep.equal([
        "g: the restored server's API has in excess 1 of the members of Main Org.: intruder",
      ]);
    });

    it('does not pass without answers of the server for an organisation', () => {
      const api = goodAnswers();
      api.each.pop();
      expect(inventory(copy(), api)).to.include({ outcome: 'inconclusive' });
    });

    it('passes on what the server refused to list', () => {
      const api = goodAnswers();
      firstOf(api.each).problems.push('it answers 500');
      expect(sentences(inventory(copy(), api))).to.deep.equal(['g: it answers 500']);
    });

    it('names a table more, a table less, and other numbers of rows', () => {
      const found = copy();
      delete found.tables.star;
      found.tables.evil = { rows: 1, sha256: 'b'.repeat(64) };
      found.tables.team = { rows: 3, sha256: 'b'.repeat(64) };
      expect(sentences(inventory(found))).to.have.members([
        'g: table star has no rows, not the 2 that were backed up',
        'g: table team has 3 rows, not the 2 that were backed up',
        'g: there is a table evil that was not backed up',
      ]);
    });

    it('names the first five of many', () => {
      const found = copy();
      firstOf(found.organisations).items.dashboards = [];
      expect(sentences(inventory(found)).find((each) => each.includes('dashboards'))).to.match(
        /lacks 12 .* and 7 more$/,
      );
    });
  });

  describe('content', () => {
    it('tells a dashboard that the server shows differently, and one that it cannot open', () => {
      const api = goodAnswers();
      const { dashboards } = firstOf(api.each);
      dashboards.set('nginx', 'c'.repeat(64));
      dashboards.set('mysql-overview', null);
      expect(sentences(content(copy(), api))).to.have.members([
        'g: dashboard nginx of Main Org. is shown differently by the restored server',
        'g: dashboard mysql-overview of Main Org. cannot be opened in the restored server',
      ]);
    });

    it('tells a changed dashboard once', () => {
      const [found, api] = [copy(), goodAnswers()];
      const item = firstOf(firstOf(found.organisations).items.dashboards);
      item.sha256 = 'c'.repeat(64);
      firstOf(api.each).dashboards.set(item.key, item.sha256);
      expect(sentences(content(found, api))).to.have.length(1);
    });

    it('does not pass when dashboards were not opened', () => {
      const api = goodAnswers();
      firstOf(api.each).dashboards.clear();
      expect(content(copy(), api)).to.include({ outcome: 'inconclusive' });
    });

    it('leaves what is missing to the inventory, but not what has changed', () => {
      const found = copy();
      found.tables.star = { rows: 1, sha256: 'b'.repeat(64) };
      expect(content(found).outcome).to.equal('pass');
      found.tables.star = { rows: 2, sha256: 'b'.repeat(64) };
      expect(sentences(content(found))).to.deep.equal([
        'g: rows of table star are not the same as when they were backed up',
      ]);
    });

    it('tells files that changed, are missing, or are too many', () => {
      const api = goodAnswers();
      const other = { ...file, name: 'etc/evil' };
      expect(sentences(content(copy(), api, [{ ...file, sha256: 'b'.repeat(64) }]))[0]).to.match(
        /grafana\.ini is not the same/,
      );
      expect(sentences(content(copy(), api, []))[0]).to.match(/grafana\.ini is not the same/);
      expect(sentences(content(copy(), api, [file, other]))).to.deep.equal([
        'g: there is a file etc/evil that was not backed up',
      ]);
    });

    it('can do without a server, for verify', () => {
      const found = { database: copy(), files: [file] };
      const result = checkContent('g', facts, found, 'not asked');
      expect(result).to.include({ outcome: 'pass', expected: Object.keys(facts.tables).length + 1 });
    });
  });

  describe('secrets', () => {
    const secrets = (change: (now: GrafanaFacts['secrets']) => unknown, then = facts.secrets) => {
      const now = structuredClone(then);
      change(now);
      return checkSecrets('g', then, now, 'the test');
    };

    it('pass when all are the same', () => {
      expect(secrets(() => {})).to.include({ outcome: 'pass' });
    });

    it('name the one that is another', () => {
      const result = secrets(({ columns }) => {
        firstOf(firstOf(columns).secrets).hmac = 'd'.repeat(64);
      });
      expect(sentences(result)).to.deep.equal([
        'g: the secret of data source InfluxDB telegraf of organisation 1: password is not what it was',
      ]);
    });

    it('name one that is gone, and a whole column that is gone', () => {
      expect(sentences(secrets(({ columns }) => void firstOf(columns).secrets.pop()))).to.have.length(1);
      expect(sentences(secrets(({ columns }) => void columns.shift()))).to.have.length(4);
    });

    it('say that it is the key when all are others', () => {
      const result = secrets(({ columns }) => {
        for (const column of columns) for (const secret of column.secrets) secret.hmac = 'd'.repeat(64);
      });
      expect(sentences(result)).to.have.length(1);
      expect(sentences(result)[0]).to.match(/the secret_key of the test is not the one/);
    });

    it('compare as ciphertext what the key never opened, and say so', () => {
      const then = structuredClone(facts.secrets);
      firstOf(then.columns).unopened = [{ where: 'a', why: 'only awskms.v1 can open it', sha256: 'e'.repeat(64) }];
      const same = secrets(() => {}, then);
      expect(same.outcome).to.equal('pass');
      expect(same.comparisons.at(-1)).to.deep.include({ expected: '1', found: '1' });
      expect(same.comparisons.at(-1)?.what).to.match(/did not open/);
      const changed = secrets(({ columns }) => firstOf(columns).unopened.splice(0), then);
      expect(sentences(changed)).to.deep.equal(['g: secrets that could not be opened have changed']);
    });
  });

  describe('semantics', () => {
    const then = { dashboards: 2, panels: 5, problems: ['an old one'] };

    it('forgive what was wrong in the source, and nothing else', () => {
      expect(checkSemantics('g', then, { ...then })).to.include({ outcome: 'pass' });
      const worse = checkSemantics('g', then, { ...then, problems: ['a new one', 'an old one'] });
      expect(sentences(worse)).to.deep.equal(['g: a new one']);
    });

    it('do not pass when dashboards were not there to be looked at', () => {
      expect(checkSemantics('g', then, { dashboards: 0, panels: 0, problems: [] })).to.include({
        outcome: 'inconclusive',
      });
    });
  });
});
