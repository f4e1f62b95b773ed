import { expect } from 'chai';
import { Look } from '../../../src/model/check.ts';
import type { Journal } from '../../../src/model/journal.ts';
import { renderHtml } from '../../../src/report/render-html.ts';
import { demoJournal, failedDemoJournal, unclearDemoJournal } from '../../support/demo-journal.ts';
import { sectionOf, textOf } from '../../support/markup.ts';
import { failed, passed } from '../../support/results.ts';

/** What stands above all sections. */
const top = (journal: Journal) => textOf(renderHtml(journal).split('<main')[0]?.split('<body>')[1] ?? '');
const section = (id: string, journal: Journal) => sectionOf(renderHtml(journal), id);

describe('renderHtml, the verdict', () => {
  it('says pass, and for everybody what that means', () => {
    expect(top(demoJournal())).to.match(
      /^✓ PASS The backup works: everything could be back in 41\.9 s\. All 4 services were restored/,
    );
    expect(top(demoJournal())).to.contain('Restore drill nightly , 2026-11-22 02:15:00 UTC');
  });

  it('says fail, and whose backup is not to be relied on', () => {
    expect(top(failedDemoJournal())).to.match(/^✕ FAIL Do not rely on the backup of agama and telegraf\./);
  });

  it('says inconclusive, and that this is no word about the backup', () => {
    expect(top(unclearDemoJournal())).to.match(/^\? INCONCLUSIVE Not known: .* says nothing about the backup/);
  });

  it('tells good data that is late or old from bad data', () => {
    const verdict = { verdict: 'fail' as const, sentence: 'x' };
    const lead = (...checks: Journal['checks']) => top(demoJournal({ verdict, checks }));
    expect(lead(failed('rto', null), passed('rows'))).to.contain('can be restored, but that takes too long.');
    expect(lead(failed('rpo'), failed('set-age'))).to.contain('can be restored, but that loses too much new data.');
    expect(lead(failed('rto', null), failed('rpo'))).to.contain('takes too long and loses too much');
    const unseen = new Look('rows', 'agama', 'tables', 1).result();
    expect(lead(failed('rto', null), unseen)).to.not.contain('can be restored');
    expect(lead(failed('rto', null), failed('rows'))).to.contain('Do not rely on this backup.');
  });

  it('names the moment that a drill of the past is judged against', () => {
    const { drill } = demoJournal();
    expect(top(demoJournal())).to.not.contain('judged as of');
    expect(top(demoJournal({ drill: { ...drill, asOf: '2026-11-01T00:00:00.000Z' } }))).to.contain(
      'judged as of 2026-11-01 00:00:00 UTC',
    );
  });

  it('counts in its tiles, and knows no loss while something did not come back', () => {
    expect(top(demoJournal())).to.match(
      /Restore time 41\.9 s of 30 m .*44 m 59 s of 1 h \(agama\).* 4 of 4 .* 49 of 49$/,
    );
    expect(top(failedDemoJournal())).to.match(
      /not reached of 30 m .*not known 1 of 4 services did not come back.* 2 of 4/,
    );
  });

  it('has language, title and a policy that lets nothing in', () => {
    const html = renderHtml(failedDemoJournal());
    expect(html).to.match(/^<!doctype html>\n<html lang="en">/);
    expect(html).to.contain('<title>FAIL · nightly · 2026-11-22 02:15:00 UTC</title>');
    expect(html).to.contain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:;`);
  });
});

describe('renderHtml, the restore time', () => {
  const rto = (usedMs: number | null) => demoJournal({ rto: { objectiveMs: 1_800_000, usedMs } });

  it('says the share in words and draws it', () => {
    expect(section('rto', demoJournal())).to.contain('41.9 s of 30 m: 2 % of what is allowed; 29 m 18 s to spare .');
    expect(renderHtml(demoJournal())).to.contain('<rect class="used" width="2.33%"');
  });

  it('says how much too long it was, and marks the objective', () => {
    expect(section('rto', rto(2_400_000))).to.contain('40 m of 30 m: 10 m too long: 134 % of what is allowed');
    expect(renderHtml(rto(2_400_000))).to.match(
      /class="used over" width="100\.00%".*\n<line class="limit" x1="75\.00%"/,
    );
  });

  it('says that it was not reached, and by whom', () => {
    expect(section('rto', failedDemoJournal())).to.contain('Not reached. 1 of 4 services did not come back: telegraf.');
  });
});

describe('renderHtml, the timeline', () => {
  it('draws a lane for the drill and for each service, and says the same in a table', () => {
    const html = renderHtml(demoJournal());
    expect(html.match(/<div class="lane">/g)).to.have.length(5);
    expect(html).to.contain('aria-label="agama: fetch 0.2\u00a0s, restore 41.0\u00a0s, check 16.7\u00a0s"');
    const text = section('timeline', demoJournal());
    expect(text).to.contain("the engines themselves worked for 39.7 s; the drill's own cost was 2.1 s.");
    expect(text).to.match(/agama engine: load 9\.4 s 32\.3 s/);
    expect(text).to.match(/the drill itself plan 0\.0 s 0\.0 s/);
  });

  it('keeps everything inside the picture', () => {
    for (const journal of [demoJournal(), failedDemoJournal(), unclearDemoJournal()]) {
      for (const [, x, width] of renderHtml(journal).matchAll(
        /<rect class="(?:p-\w+|native)" x="([\d.]+)%" width="([\d.]+)%"/g,
      )) {
        expect(Number(x)).to.be.within(0, 100);
        expect(Number(x) + Number(width)).to.be.within(0.5, 100.5);
      }
    }
  });

  it('says so when nothing was begun', () => {
    expect(section('timeline', demoJournal({ phases: [], native: [] }))).to.contain('Nothing was begun.');
  });
});

describe('renderHtml, findings', () => {
  it('shows each with its check, what that asks, expected, found and the next command', () => {
    const text = section('findings', failedDemoJournal());
    expect(text).to.contain('✕ failed · agama · rows agama: table agama.orders has 480,112 rows');
    expect(text).to.contain('The check asks: Does every table hold exactly the rows that were dumped?');
    expect(text).to.contain('Expected 480,113 rows Found 480,112 rows');
    const html = renderHtml(failedDemoJournal());
    expect(html).to.contain('<b>Next:</b> <code>firedrill drill --service agama --at 2026-11-15T01:30:00Z</code>');
    expect(html).to.contain('<b>Next:</b> Do not use this member. Run: <code>firedrill verify</code></p>');
  });

  it('puts failures before what could not be seen, and causes before effects', () => {
    const unseen = new Look('coverage', null, 'services', 1).couldNot({ sentence: 'third' }).result();
    const checks = [unseen, failed('content', 'agama', 'second'), failed('manifest', 'agama', 'first')];
    expect(section('findings', demoJournal({ checks }))).to.match(/first.*second.*third/);
  });

  it('says once what the restore and a check both stumbled over, with what either knows', () => {
    const twice = failed('manifest', 'agama', 'the file is damaged');
    const sealed = { sentence: 'the file is damaged', expected: '28 bytes', next: 'firedrill verify agama' };
    const checks = [twice, { ...twice, findings: [sealed] }, failed('manifest', 'telegraf', 'the file is damaged')];
    const text = section('findings', demoJournal({ checks }));
    expect(text.match(/the file is damaged/g)).to.have.length(2);
    expect(text).to.match(/agama · manifest the file is damaged .* Expected 28 bytes Next: firedrill verify agama/);
  });

  it('says that there is none', () => {
    expect(section('findings', demoJournal())).to.equal('Findings None.');
  });
});

describe('renderHtml, services', () => {
  it('says what was restored, from where, to which instant, and what would be lost', () => {
    const text = section('services', demoJournal());
    expect(text).to.contain(
      'agama ✓ passed Engine MySQL 9.7.4 Restored backup-2026-11-22 full-20261122T013000Z (full, 68.0 MiB in 7 files, from docker:agama-db)',
    );
    expect(text).to.contain(
      'To the instant 2026-11-22 01:30:01 UTC Newest event 2026-11-22 01:29:58 UTC (orders.created_at)',
    );
    expect(text).to.contain(
      'Back after 41.9 s Would be lost 44 m 59 s of 1 h: 75 % of what is allowed; 15 m 1 s to spare',
    );
  });

  it('labels a stand-in where the engine is named', () => {
    expect(section('services', demoJournal())).to.contain('Grafana 7.5.17 stand-in, not the real engine');
    expect(section('services', demoJournal())).to.not.contain('MySQL 9.7.4 stand-in');
  });

  it('does not call restored what never came back', () => {
    const text = section('services', failedDemoJournal());
    expect(text).to.match(/telegraf ✕ failed Engine InfluxDB 1\.6\.7 Was to be restored backup-2026-11-22/);
    expect(text).to.contain('it did not come back Would be lost Could it be restored: 44 m 59 s');
  });

  it('shows what differs first and open, and folds a long table in which nothing does', () => {
    const html = renderHtml(failedDemoJournal());
    expect(textOf(html)).to.match(/7 compared, 1 differ .* Found rows of agama\.orders rows 480,113 480,112 ✕ differs/);
    expect(html).to.match(/<details open>\n<summary>Expected against found: 7 compared/);
    expect(renderHtml(demoJournal())).to.match(/<details>\n<summary>Expected against found: 19 compared/);
  });

  it('calls allowed what is not equal but passed', () => {
    expect(section('services', demoJournal())).to.contain(
      'data that would be lost rpo at most 1 h 44 m 59 s (allowed)',
    );
  });
});

describe('renderHtml, the evidence', () => {
  it('lists all checks by service with what was looked at', () => {
    const text = section('checks', failedDemoJournal());
    expect(text).to.match(/✕ 2 failed , – 6 not run , ✓ 41 passed/);
    expect(text).to.match(/agama \(MySQL\) rows Does every table .* ✕ failed 14 of 14 tables set-age/);
    expect(text).to.match(/telegraf \(InfluxDB\) manifest .* ✕ failed 7 of 7 artifacts/);
  });

  it('says whether the pod was sealed, and by which attempts', () => {
    const leak = { what: '172.17.0.1:80', expected: 'unreachable' as const, found: 'connected', ok: false };
    expect(section('isolation', demoJournal())).to.contain('all 5 attempts ended as they must');
    const leaky = section('isolation', demoJournal({ isolation: [...demoJournal().isolation, leak] }));
    expect(leaky).to.match(
      /not sealed: 1 of 6 .* Found 172\.17\.0\.1:80 unreachable connected ✕ not as it must network devices/,
    );
    expect(section('isolation', unclearDemoJournal())).to.contain('Nothing was tried');
  });

  it('says what is not proved', () => {
    const text = section('limits', failedDemoJournal());
    expect(text).to.contain(
      'Of telegraf, 5 checks were not run (not looked at, because manifest had not passed): freshness, completeness, format, restore-run, inventory.',
    );
    expect(text.match(/stand-in/g), 'once is enough').to.have.length(1);
    expect(text).to.contain('How new the newest event of grafana is was not measured.');
    expect(text).to.contain(
      'Nobody asked in this drill: Is the chain whole: one full, no gap, no fork, nothing foreign?',
    );
    expect(text).to.contain('The times are those of backup1 (2 CPUs, 24.0 GiB of memory)');
    expect(section('limits', demoJournal({ notes: [] }))).to.contain('No real Grafana opened the backup of grafana');
  });

  it('ends with digests, manifests, versions and costs', () => {
    const text = section('origins', demoJournal());
    expect(text).to.contain(`Image digest mysql@sha256:${'a1'.repeat(32)}`);
    expect(text).to.contain('Image digest none: built on this machine');
    expect(text).to.contain(`Manifest SHA-256 ${'ab'.repeat(32)}`);
    expect(text).to.contain('Own cost 2.1 s Peak memory of the drill 143.1 MiB');
    expect(text).to.contain('firedrill 0.1.0 Node.js v24.21.0 Docker 20.10.24');
    expect(section('origins', unclearDemoJournal())).to.contain('Docker not reached');
  });
});
