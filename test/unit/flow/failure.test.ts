import { expect } from 'chai';
import { resultOfFailure } from '../../../src/flow/failure.ts';
import { FiredrillError } from '../../../src/kit/errors.ts';

const sentenceOf = (message: string, service: string | null) =>
  resultOfFailure(new FiredrillError('ARTIFACT_FORMAT', message), service).findings[0]?.sentence;

describe('the result of a failure', () => {
  it('names the service once, whoever has named it', () => {
    expect(sentenceOf('it does not decode', 'agama')).to.equal('agama: it does not decode');
    expect(sentenceOf('agama: it does not decode', 'agama')).to.equal('agama: it does not decode');
    expect(sentenceOf('it does not decode', null)).to.equal('it does not decode');
  });

  it('blames the check that belongs to the code, and nobody where that is not known', () => {
    expect(resultOfFailure(new FiredrillError('ARTIFACT_INCOMPLETE', 'x'), 'a')).to.include({
      check: 'completeness',
      outcome: 'fail',
    });
    expect(resultOfFailure(new Error('a fault of ours'), 'a')).to.include({ outcome: 'inconclusive' });
  });
});
