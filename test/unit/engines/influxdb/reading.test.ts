import { expect } from 'chai';
import { assertReads, isReading, readingAt } from '../../../../src/engines/influxdb/reading.ts';

describe('statements that only read', () => {
  const good = [
    'SELECT mean("into") FROM "cpu" WHERE ("host" =~ /^.*$/) AND time > 0 GROUP BY time(10s), "host" fill(null)',
    'select * from "drop; it" where x = \'INTO "y"\'; SHOW TAG VALUES FROM "system" WITH KEY = "host"',
    'SHOW MEASUREMENTS;',
    '-- DROP DATABASE x\nSELECT 1 FROM y /* INTO */',
    "SELECT * FROM x WHERE host !~ /a\\/b INTO '/",
  ];
  for (const text of good) {
    it(`are run: ${JSON.stringify(text)}`, () => {
      expect(() => assertReads(text)).to.not.throw();
      expect(isReading(text)).to.equal(true);
    });
  }

  const bad = [
    'DROP DATABASE telegraf',
    'SELECT * INTO copy FROM cpu',
    'select 1 from x; delete from x',
    'SELECT * FROM x WHERE host =~ /a/; DROP SERIES FROM /b/',
    'SELECT "unclosed FROM x',
    "/* SELECT */ CREATE USER x WITH PASSWORD 'y'",
    '',
    ';',
  ];
  for (const text of bad) {
    it(`are refused: ${JSON.stringify(text)}`, () => {
      expect(() => assertReads(text)).to.throw(/only SELECT and SHOW are run/);
      expect(isReading(text)).to.equal(false);
    });
  }

  it('mean by now() the instant of the data, but not in texts, names, patterns and comments', () => {
    const now = new Date('2026-11-22T01:30:00.123Z');
    const at = "'2026-11-22T01:30:00.123Z'";
    expect(
      readingAt('SELECT x FROM "now()" WHERE time > now() - 1h AND NOW( ) > time AND y = \'now()\'', now),
    ).to.equal(`SELECT x FROM "now()" WHERE time > ${at} - 1h AND ${at} > time AND y = 'now()'`);
    expect(readingAt('SELECT now FROM known() WHERE h =~ /now()/ -- now()', now)).to.equal(
      'SELECT now FROM known() WHERE h =~ /now()/ -- now()',
    );
  });
});
