import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { allBenigns, allSaboteurs, sections } from '../../saboteurs/catalogue/index.ts';
import type { Outcome } from '../../saboteurs/run-saboteur.ts';
import { type Benign, type Saboteur, titleOf, titleOfBenign } from '../../saboteurs/saboteur.ts';
import { pageOf, renderPage, rowsOfPage, tableLine, titleOfRow, totals, withSummary } from '../../saboteurs/table.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/saboteurs.md'), 'utf8');

const saboteur: Saboteur = {
  ...{ id: 'S17', level: 'F', resealed: true, services: ['agama'], injects: 'a | and <b> in `x`' },
  inject: async () => {},
  expect: { verdict: 'fail', check: 'content', service: 'agama', sentence: /x/ },
};
const benign: Benign = { services: ['agama', 'grafana'], what: 'nothing_was done', prepare: async () => {} };
const killed: Outcome = {
  ...{ kind: 'saboteur', title: titleOf(saboteur), complaints: [], verdict: 'fail', caughtBy: 'content' },
  ...{ sentence: 'agama: | differs', seconds: 8.4 },
};
const survived: Outcome = { ...killed, complaints: ['the verdict is pass, not fail'], verdict: 'pass', caughtBy: '' };
const quiet: Outcome = { ...killed, kind: 'benign', title: titleOfBenign(benign), caughtBy: '', verdict: 'pass' };
const pageFor = (outcomes: readonly Outcome[], before = '') =>
  pageOf([{ title: 'One', saboteurs: [saboteur] }], [benign], outcomes, before);
const written = (outcomes: readonly Outcome[], before = '') => {
  const made = pageFor(outcomes, before);
  return 'missing' in made ? made.missing : renderPage(made);
};

describe('the table of saboteurs', () => {
  it('counts what was killed, and false alarms', () => {
    const alarm = { ...quiet, complaints: ['fail rows of agama'] };
    expect(totals([killed, quiet])).to.deep.equal({ line: 'killed 1 of 1, false alarms 0 of 1', allWell: true });
    expect(totals([survived, quiet])).to.deep.equal({ line: 'killed 0 of 1, false alarms 0 of 1', allWell: false });
    expect(totals([killed, alarm])).to.deep.equal({ line: 'killed 1 of 1, false alarms 1 of 1', allWell: false });
  });

  it('says on the terminal why something is not well', () => {
    expect(tableLine(killed)).to.match(/^killed {7}fail, by content +8\.4 s {2}S17† agama: a \| and/);
    expect(tableLine(survived)).to.match(/^SURVIVED {5}pass .*\n +the verdict is pass, not fail$/);
    expect(tableLine({ ...quiet, complaints: ['fail rows'] })).to.match(/^FALSE ALARM .*\n +fail rows$/);
  });

  it('can be read again, whatever the texts hold', () => {
    const page = written([killed, quiet]);
    expect(page).to.contain('**killed 1 of 1, false alarms 0 of 1** (1 kind of fault)');
    expect(rowsOfPage(page).map(titleOfRow)).to.deep.equal([titleOf(saboteur), titleOfBenign(benign)]);
  });

  it('holds nothing that means something to a terminal', () => {
    const page = written([{ ...killed, sentence: 'a\r\nBcc: b\u001b[2J\u202e' }, quiet]);
    expect(page).to.contain('| a\\\\x0d\\\\x0aBcc: b\\\\x1b\\[2J\\\\x202e |');
  });

  it('sums up in the README what the page says', () => {
    const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8');
    const made = pageOf(sections, allBenigns, [], page);
    if ('missing' in made) throw new Error(`there is no row of ${made.missing}`);
    expect(withSummary(readme, made)).to.equal(readme);
    const rows = made.sections.reduce((sum, each) => sum + each.rows.length, 0);
    expect(readme).to.contain(`killed ${rows} of ${rows}, false alarms 0 of ${allBenigns.length}`);
    expect(() => withSummary('no marks', made)).to.throw('there is no place for the table');
  });

  it('keeps what was not run, and is not written with a hole in it', () => {
    const page = written([killed, quiet]);
    expect(written([], page)).to.equal(page);
    expect(written([{ ...killed, sentence: 'another' }], page)).to.equal(page.replace('agama: \\| differs', 'another'));
    expect(written([killed])).to.equal(titleOfBenign(benign));
  });

  it('in the documents names exactly the saboteurs of the catalogue, all killed: npm run saboteurs -- --write', () => {
    const titles = [...allSaboteurs.map(titleOf), ...allBenigns.map(titleOfBenign)];
    expect(rowsOfPage(page).map(titleOfRow)).to.deep.equal(titles);
    const [saboteurs, benigns] = [allSaboteurs.length, allBenigns.length];
    expect(page).to.contain(`**killed ${saboteurs} of ${saboteurs}, false alarms 0 of ${benigns}**`);
  });
});

describe('the catalogue of saboteurs', () => {
  it('gives each a title of its own', () => {
    const titles = [...allSaboteurs.map(titleOf), ...allBenigns.map(titleOfBenign)];
    expect(titles.filter((title, i) => titles.indexOf(title) !== i)).to.deep.equal([]);
    expect(titles.length).to.be.greaterThan(40);
  });

  it('expects findings of services that are drilled', () => {
    const wrong = allSaboteurs.filter(({ services, expect: { service } }) => service && !services.includes(service));
    expect(wrong.map(titleOf)).to.deep.equal([]);
  });
});
