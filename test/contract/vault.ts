import { Readable } from 'node:stream';
import { expect } from 'chai';
import { FiredrillError } from '../../src/kit/errors.ts';
import { collect } from '../../src/kit/streams.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { rejectionOf } from '../support/rejection.ts';

const ref = { set: 'backup-2026-11-22', service: 'agama', id: 'full-20261122T013000Z' };
const text = (content: string) => Readable.from([Buffer.from(content)]);

/** What every vault promises. `open` returns an empty vault and removes it afterwards. */
export function vaultContract(name: string, open: () => Promise<{ vault: Vault } & AsyncDisposable>) {
  describe(`vault contract: ${name}`, () => {
    it('is empty at first', async () => {
      await using given = await open();
      expect(await given.vault.list()).to.deep.equal({ members: [], partial: [], foreign: [] });
    });

    it('shows a member only after its commit, whole', async () => {
      await using given = await open();
      const writer = await given.vault.create(ref);
      await writer.write('data.sql', text('hello'));
      const during = await given.vault.list();
      expect(during.members).to.have.length(0);
      expect(during.partial).to.deep.equal([ref]);
      await writer.commit();
      const after = await given.vault.list();
      expect(after.members).to.deep.equal([{ ...ref, files: [{ name: 'data.sql', bytes: 5 }], strange: [] }]);
      expect(after.partial).to.have.length(0);
      expect((await collect(given.vault.read(ref, 'data.sql'), 100, 'test')).toString()).to.equal('hello');
    });

    it('leaves nothing of an abandoned member', async () => {
      await using given = await open();
      const writer = await given.vault.create(ref);
      await writer.write('data.sql', text('hello'));
      await writer.abandon();
      await writer.abandon();
      expect((await given.vault.list()).partial).to.have.length(0);
    });

    it('keeps a committed member when it is abandoned afterwards', async () => {
      await using given = await open();
      const writer = await given.vault.create(ref);
      await writer.write('data.sql', text('hello'));
      await writer.commit();
      await writer.abandon();
      expect((await given.vault.list()).members).to.have.length(1);
    });

    it('refuses to create a member that exists', async () => {
      await using given = await open();
      await (await given.vault.create(ref)).commit();
      expect((await rejectionOf(given.vault.create(ref))).code).to.equal('VAULT_WRITE');
    });

    it('passes on the error of a content stream that breaks, and can abandon', async () => {
      await using given = await open();
      const writer = await given.vault.create(ref);
      const breaking = Readable.from(
        (async function* () {
          yield Buffer.from('half');
          throw new FiredrillError('TOOL_FAILED', 'the dump failed');
        })(),
      );
      expect((await rejectionOf(writer.write('data.sql', breaking))).code).to.equal('TOOL_FAILED');
      await writer.abandon();
      expect(await given.vault.list()).to.deep.equal({ members: [], partial: [], foreign: [] });
    });

    it('breaks with VAULT_READ for a file that is not there', async () => {
      await using given = await open();
      const failure = await rejectionOf(collect(given.vault.read(ref, 'nothing'), 10, 'test'));
      expect(failure.code).to.equal('VAULT_READ');
    });

    it('carries a large file unchanged', async () => {
      await using given = await open();
      const writer = await given.vault.create(ref);
      const block = Buffer.alloc(1 << 20, 'firedrill');
      await writer.write('big', Readable.from(Array.from({ length: 20 }, () => block)));
      await writer.commit();
      const back = await collect(given.vault.read(ref, 'big'), 1 << 25, 'test');
      expect(back.equals(Buffer.concat(Array.from({ length: 20 }, () => block)))).to.equal(true);
    });

    it('lists members of a service by their start', async () => {
      await using given = await open();
      for (const id of ['incr-20261123T013000Z', 'full-20261122T013000Z', 'incr-20261122T023000Z']) {
        await (await given.vault.create({ ...ref, id })).commit();
      }
      expect((await given.vault.list()).members.map((m) => m.id)).to.deep.equal([
        'full-20261122T013000Z',
        'incr-20261122T023000Z',
        'incr-20261123T013000Z',
      ]);
    });
  });
}
