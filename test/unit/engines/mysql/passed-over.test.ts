import { Readable } from 'node:stream';
import { expect } from 'chai';
import { judgePassedOver } from '../../../../src/engines/mysql/passed-over.ts';
import { FiredrillError } from '../../../../src/kit/errors.ts';
import type { OpenMember } from '../../../../src/model/member.ts';
import { link } from '../../../support/link.ts';

const accounts = { format: 'firedrill-mysql-accounts', version: 1, partialRevokes: false, accounts: [] };
const schema = {
  ...{
    format: 'firedrill-mysql-schema',
    version: 1,
    birth: { lowerCaseTableNames: 0, pageSizeBytes: 16_384 },
    views: [],
  },
  databases: [
    {
      name: 'a',
      charset: 'utf8mb4',
      collation: 'x',
      tables: [],
      functions: [],
      procedures: [],
      triggers: [],
      events: [],
    },
  ],
};

const memberWith = (schemaText: () => Readable) =>
  ({
    manifest: link(24, link(0, null)).manifest,
    content: (name: string) =>
      name === 'schema.json' ? schemaText() : Readable.from([Buffer.from(JSON.stringify(accounts))]),
  }) as unknown as OpenMember;
const text = (content: string) => () => Readable.from([Buffer.from(content)]);

describe('what a restore of MySQL passes over', () => {
  it('is silent while each document can be read', async () => {
    expect(await judgePassedOver([memberWith(text(JSON.stringify(schema)))])).to.deep.equal([]);
    expect(await judgePassedOver([])).to.deep.equal([]);
  });

  it('is named with its member when a document is none', async () => {
    const cases: [string, RegExp][] = [
      ['', /^agama: in incr-20261123T013000Z, artifact schema\.json of agama is no JSON$/],
      ['{}', /^agama: in incr-\S+, artifact schema\.json of agama is not as it must be: /],
    ];
    for (const [content, sentence] of cases) {
      const [result, ...more] = await judgePassedOver([memberWith(text(content))]);
      expect(result).to.include({ check: 'format', service: 'agama', outcome: 'fail' });
      expect(result?.findings[0]?.sentence).to.match(sentence);
      expect(more).to.deep.equal([]);
    }
  });

  it('leaves it to others to tell of damage', async () => {
    const damaged = () => {
      throw new FiredrillError('ARTIFACT_DAMAGED', 'told by the check of all artifacts');
    };
    expect(await judgePassedOver([memberWith(damaged)])).to.deep.equal([]);
  });
});
