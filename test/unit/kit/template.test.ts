import { expect } from 'chai';
import { fillIn, placesIn } from '../../../src/kit/template.ts';

describe('templates', () => {
  it('are filled in, each place by its name, and what is filled in is not looked at again', () => {
    const values: Record<string, string> = { 'a.b': '${c}', c: 'see' };
    expect(fillIn('x${a.b}-${c}${c}', (place) => values[place] ?? '?')).to.equal('x${c}-seesee');
    expect(fillIn('none', () => '?')).to.equal('none');
  });

  it('write `${` as `$${`, and know no other sign', () => {
    expect(fillIn('$${c} $c {c} $ $$ ${c}', () => 'see')).to.equal('${c} $c {c} $ $$ see');
    expect(placesIn('$${c}')).to.deep.equal([]);
  });

  it('take what is not closed for a place that there is not', () => {
    expect(placesIn('a ${b.host} ${c')).to.deep.equal(['b.host', '${c']);
    expect(placesIn('${')).to.deep.equal(['${']);
    expect(placesIn('${}')).to.deep.equal(['']);
    expect(placesIn('${a ${b}')).to.deep.equal(['${a ${b}']);
  });
});
