import { expect } from 'chai';
import { judgePage } from '../../../src/checks/application.ts';
import type { StepExpectation } from '../../../src/model/application.ts';

const judged = (expectation: Partial<StepExpectation>, text: string, status = 200) =>
  judgePage(
    { status: undefined, contains: [], notContains: [], at: undefined, equals: undefined, ...expectation },
    { status, text },
  );
const wrong = (...args: Parameters<typeof judged>) =>
  judged(...args)
    .filter(({ holds }) => !holds)
    .map(({ expected, found }) => `${expected} / ${found}`);

describe('what an application answers', () => {
  it('must have a status from 200 to 299, or the one that is named', () => {
    expect(wrong({}, '', 200)).to.deep.equal([]);
    expect(wrong({}, '', 299)).to.deep.equal([]);
    expect(wrong({}, '', 300)).to.deep.equal(['status 200 to 299 / status 300']);
    expect(wrong({}, '', 500)).to.deep.equal(['status 200 to 299 / status 500']);
    expect(wrong({ status: 404 }, '', 404)).to.deep.equal([]);
    expect(wrong({ status: 404 }, '', 200)).to.deep.equal(['status 404 / status 200']);
  });

  it('must contain what is named, and not what is named', () => {
    expect(wrong({ contains: ['milk', 'run'], notContains: ['error'] }, 'milk and run')).to.deep.equal([]);
    expect(wrong({ contains: ['milk', 'run'] }, 'milk')).to.deep.equal(['contains run / milk']);
    expect(wrong({ contains: ['milk'] }, ' \n')).to.deep.equal(['contains milk / \\x0a'].map(() => 'contains milk / '));
    expect(wrong({ contains: ['milk'] }, '')).to.deep.equal(['contains milk / an empty answer']);
    expect(wrong({ notContains: ['error'] }, 'an error')).to.deep.equal(['does not contain error / contains error']);
    expect(wrong({ contains: ['x'] }, '\u001b[31m<b>')).to.deep.equal(['contains x / \\x1b[31m<b>']);
  });

  it('must have a value of the same kind at a JSON pointer', () => {
    const text = '{"items":[{"n":2,"a/b":"x","t":true,"none":null}]}';
    expect(wrong({ at: '/items/0/n', equals: 2 }, text)).to.deep.equal([]);
    expect(wrong({ at: '/items/0/a~1b', equals: 'x' }, text)).to.deep.equal([]);
    expect(wrong({ at: '/items/0/t', equals: true }, text)).to.deep.equal([]);
    expect(wrong({ at: '', equals: 7 }, '7')).to.deep.equal([]);
    expect(wrong({ at: '/items/0/n', equals: '2' }, text)).to.deep.equal(['/items/0/n is 2 / /items/0/n is 2']);
    expect(wrong({ at: '/items/1/n', equals: 2 }, text)).to.deep.equal(['/items/1/n is 2 / there is no /items/1/n']);
    expect(wrong({ at: '/items', equals: 2 }, text)[0]).to.match(/^\/items is 2 \/ \/items is \[\{"n":2/);
  });

  it('is no JSON where it is nested so deep that it could only harm', () => {
    expect(wrong({ at: '/a', equals: 1 }, '<html>')).to.deep.equal(['/a is 1 / no JSON: <html>']);
    const deep = '['.repeat(200_000);
    expect(wrong({ at: '/a', equals: 1 }, deep)[0]).to.match(/^\/a is 1 \/ no JSON: \[{99}…$/);
  });

  it('is told as it was where all holds', () => {
    expect(judged({ contains: ['milk'] }, 'milk', 201)).to.deep.equal([
      { expected: 'status 201', found: 'status 201', holds: true },
      { expected: 'contains milk', found: 'contains milk', holds: true },
    ]);
  });
});
