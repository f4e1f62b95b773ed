import { expect } from 'chai';
import { typedOf } from '../../../../src/cli/gameday/typed.ts';

describe('what is typed at the prompt of a game day', () => {
  it('is a command by its first word, or alone', () => {
    expect(typedOf('  ')).to.deep.equal({ do: 'nothing' });
    expect(typedOf('Recovered ')).to.deep.equal({ do: 'recovered' });
    expect(typedOf('give  up')).to.deep.equal({ do: 'give up' });
    expect(typedOf('rebuild agama')).to.deep.equal({ do: 'rebuild', service: 'agama' });
    expect(typedOf('detected the table is gone')).to.deep.equal({ do: 'detected', text: 'the table is gone' });
    expect(typedOf('decided')).to.deep.equal({ do: 'decided', text: '' });
    expect(typedOf('note hint')).to.deep.equal({ do: 'note', text: 'hint', meant: undefined });
  });

  it('is a note otherwise', () => {
    expect(typedOf('the replica has lost it, too')).to.deep.equal({
      ...{ do: 'note', text: 'the replica has lost it, too', meant: undefined },
    });
    expect(typedOf('abort the restore of last night, it hangs')).to.include({ do: 'note' });
  });

  it('proposes the command that may have been meant, and does not guess', () => {
    expect(typedOf('recoverd')).to.deep.equal({ do: 'note', text: 'recoverd', meant: 'recovered' });
    expect(typedOf('recovered, I think')).to.include({ do: 'note', meant: 'recovered' });
    expect(typedOf('give upp')).to.include({ do: 'note', meant: 'give up' });
    expect(typedOf('rebuild the server agama')).to.include({ do: 'note' });
  });
});
