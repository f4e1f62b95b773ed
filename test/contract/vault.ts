import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import { FiredrillError } from '../../src/kit/errors.ts';
import { collect } from '../../src/kit/streams.ts';
import type { MemberRef } from '../../src/model/backup-set.ts';
import type { Markable } from '../../src/vault/mark.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { rejectionOf } from '../support/rejection.ts';

const ref = { set: 'backup-2026-11-22', service: 'agama', id: 'full-20261122T013000Z' };
const text = (content: string) => Readable.from([Buffer.from(content)]);

/** All members, as they are when they are opened. */
const inspected = async (vault: Vault) =>
  Promise.all((await vault.list()).members.map((member) => vault.inspect(member)));

/** An empty vault that is removed afterwards, and the folder of this machine in which its sets lie. */
export type OpenVault = Vault & AsyncDisposable & { localFolder: string };

/** What every vault promises. */
export function vaultContract(name: string, open: () => Promise<OpenVault>) {
  describe(`vault contract: ${name}`, () => {
    it('is empty at first', async () => {
      await using vault = await open();
      expect(await vault.list()).to.deep.equal({ members: [], partial: [], foreign: [] });
    });

    it('shows a member only after its commit, whole', async () => {
      await using vault = await open();
      const writer = await vault.create(ref);
      await writer.write('data.sql', text('hello'));
      const during = await vault.list();
      expect(during.members).to.have.length(0);
      expect(during.partial).to.deep.equal([ref]);
      await writer.commit();
      const after = await vault.list();
      expect(await inspected(vault)).to.deep.equal([{ ...ref, files: [{ name: 'data.sql', bytes: 5 }], strange: [] }]);
      expect(after.partial).to.have.length(0);
      expect((await collect(vault.read(ref, 'data.sql'), 100, 'test')).toString()).to.equal('hello');
    });

    it('lists one service alone when it is named', async () => {
      await using vault = await open();
      for (const service of ['agama', 'grafana']) {
        const writer = await vault.create({ ...ref, service });
        await writer.write('data.sql', text('hello'));
        await writer.commit();
      }
      const all = await vault.list();
      expect(all.members.map(({ service }) => service)).to.deep.equal(['agama', 'grafana']);
      expect(await vault.list('grafana')).to.deep.equal({ ...all, members: all.members.slice(1) });
      expect(await vault.list('nobody')).to.deep.equal({ members: [], partial: [], foreign: [] });
    });

    it('leaves nothing of an abandoned member', async () => {
      await using vault = await open();
      const writer = await vault.create(ref);
      await writer.write('data.sql', text('hello'));
      await writer.abandon();
      await writer.abandon();
      expect((await vault.list()).partial).to.have.length(0);
    });

    it('keeps a committed member when it is abandoned afterwards', async () => {
      await using vault = await open();
      const writer = await vault.create(ref);
      await writer.write('data.sql', text('hello'));
      await writer.commit();
      await writer.abandon();
      expect((await vault.list()).members).to.have.length(1);
    });

    it('refuses to create a member that exists', async () => {
      await using vault = await open();
      await (await vault.create(ref)).commit();
      expect((await rejectionOf(vault.create(ref))).code).to.equal('VAULT_WRITE');
    });

    it('passes on the error of a content stream that breaks, and can abandon', async () => {
      await using vault = await open();
      const writer = await vault.create(ref);
      const breaking = Readable.from(
        (async function* () {
          yield Buffer.from('half');
          throw new FiredrillError('TOOL_FAILED', 'the dump failed');
        })(),
      );
      expect((await rejectionOf(writer.write('data.sql', breaking))).code).to.equal('TOOL_FAILED');
      await writer.abandon();
      expect(await vault.list()).to.deep.equal({ members: [], partial: [], foreign: [] });
    });

    it('copies what is known before, and goes on after a writer that was suspended', async () => {
      await using vault = await open();
      const content = Buffer.alloc(3 << 20, 'firedrill');
      const known = { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
      const first = await vault.create(ref);
      const cut = Readable.from(
        (async function* () {
          yield content.subarray(0, 2 << 20);
          throw new FiredrillError('INTERRUPTED', 'enough');
        })(),
      );
      expect((await rejectionOf(first.copy('data.sql', known, () => cut))).code).to.equal('INTERRUPTED');
      await first.suspend();
      expect((await vault.list()).members).to.have.length(0);
      const second = await vault.create(ref);
      await second.copy('data.sql', known, () => Readable.from([content]));
      await second.write('manifest.json', text('{}'));
      await second.commit();
      expect((await vault.list()).partial).to.deep.equal([]);
      const back = await collect(vault.read(ref, 'data.sql'), 1 << 25, 'test');
      expect(back.equals(content)).to.equal(true);
    });

    it('shows nothing of what an earlier writer left and this one did not write', async () => {
      await using vault = await open();
      const first = await vault.create(ref);
      await first.write('old', text('left over'));
      await first.suspend();
      const second = await vault.create(ref);
      await second.write('data.sql', text('hello'));
      await second.commit();
      expect((await inspected(vault))[0]?.files).to.deep.equal([{ name: 'data.sql', bytes: 5 }]);
    });

    it('knows where it lies, and how much room there is', async () => {
      await using vault = await open();
      expect((await vault.whereabouts()).kind).to.be.oneOf(['folder', 'host']);
      expect(await vault.freeBytes()).to.be.greaterThan(0);
    });

    it('breaks with VAULT_READ for a file that is not there', async () => {
      await using vault = await open();
      const failure = await rejectionOf(collect(vault.read(ref, 'nothing'), 10, 'test'));
      expect(failure.code).to.equal('VAULT_READ');
    });

    it('carries a large file unchanged', async () => {
      await using vault = await open();
      const writer = await vault.create(ref);
      const block = Buffer.alloc(1 << 20, 'firedrill');
      await writer.write('big', Readable.from(Array.from({ length: 20 }, () => block)));
      await writer.commit();
      const back = await collect(vault.read(ref, 'big'), 1 << 25, 'test');
      expect(back.equals(Buffer.concat(Array.from({ length: 20 }, () => block)))).to.equal(true);
    });

    it('lists members of a service by their start', async () => {
      await using vault = await open();
      for (const id of ['incr-20261123T013000Z', 'full-20261122T013000Z', 'incr-20261122T023000Z']) {
        await (await vault.create({ ...ref, id })).commit();
      }
      expect((await vault.list()).members.map((m) => m.id)).to.deep.equal([
        'full-20261122T013000Z',
        'incr-20261122T023000Z',
        'incr-20261123T013000Z',
      ]);
    });

    it('removes a member at once, and no other', async () => {
      await using vault = await open();
      const next = { ...ref, id: 'incr-20261123T013000Z' };
      for (const each of [ref, next]) await store(vault, each);
      await vault.remove(next);
      await vault.remove(next);
      expect((await vault.list()).members.map((each) => each.id)).to.deep.equal([ref.id]);
      expect((await rejectionOf(collect(vault.read(next, 'data.sql'), 10, 'test'))).code).to.equal('VAULT_READ');
      await store(vault, next);
      expect((await vault.list()).members).to.have.length(2);
    });

    it('tidies up without touching a member, or one that is being written', async () => {
      await using vault = await open();
      await store(vault, ref);
      const writer = await vault.create({ ...ref, id: 'incr-20261123T013000Z' });
      await vault.tidy('agama');
      await writer.write('data.sql', text('hello'));
      await writer.commit();
      expect((await vault.list()).members).to.have.length(2);
    });

    it('holds nothing any more when all was removed and tidied up', async () => {
      await using vault = await open();
      const other = { ...ref, service: 'grafana' };
      for (const each of [ref, other]) await store(vault, each);
      await vault.remove(ref);
      await vault.tidy('agama');
      expect(await inspected(vault)).to.deep.include({ ...other, files: [hello], strange: [] });
      await vault.remove(other);
      await vault.tidy('grafana');
      expect(await vault.list()).to.deep.equal({ members: [], partial: [], foreign: [] });
    });

    it('frees a date whose last service is gone already: a removal was killed in between', async () => {
      await using vault = await open();
      await store(vault, ref);
      await mkdir(join(vault.localFolder, 'backup-2026-11-15'));
      await vault.tidy('agama');
      expect(await readdir(vault.localFolder)).to.deep.equal([ref.set]);
    });

    it('locks one service for one run, and says for which', async () => {
      await using vault = await open();
      const lock = await vault.lock('agama', 'backup');
      expect(lock.tookOver).to.equal(null);
      await lock.assertHeld();
      const refused = await rejectionOf(vault.lock('agama', 'expire'));
      expect(refused).to.include({ code: 'LOCKED', exit: 11 });
      expect(refused.message).to.match(/^agama in vault \w+ is locked: backup by process \d+ on \S+, begun at 20\S+Z$/);
      await using other = await vault.lock('agama-2', 'backup');
      await other.assertHeld();
      await lock[Symbol.asyncDispose]();
      await using next = await vault.lock('agama', 'expire');
      expect(next.tookOver).to.equal(null);
      expect(await vault.list()).to.deep.equal({ members: [], partial: [], foreign: [] });
    });

    it('gives a lock to one of many who want it at once', async () => {
      await using vault = await open();
      const wishes = await Promise.allSettled(Array.from({ length: 5 }, () => vault.lock('agama', 'backup')));
      const refused = wishes.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
      expect(refused).to.deep.equal(Array(4).fill('LOCKED'));
    });
  });
}

const hello = { name: 'data.sql', bytes: 5 };

async function store(vault: Vault, member: MemberRef): Promise<void> {
  const writer = await vault.create(member);
  await writer.write('data.sql', text('hello'));
  await writer.commit();
}

/** What every vault promises that is only taken for one when it is marked, or holds sets; `open` gives one that is neither. */
export function markContract(name: string, open: () => Promise<OpenVault & Markable>) {
  describe(`vault contract: ${name}: the mark of a vault`, () => {
    it('is missing where a disk is not mounted: nothing is read, and nothing written', async () => {
      await using vault = await open();
      await mkdir(join(vault.localFolder, 'lost+found'));
      for (const [code, use] of [
        ['VAULT_READ', () => vault.list()],
        ['VAULT_WRITE', () => vault.create(ref)],
        ['VAULT_WRITE', () => vault.lock(ref.service, 'backup')],
      ] as const) {
        const error = await rejectionOf(use());
        expect(error).to.include({ code, exit: 1 });
        expect(error.message).to.match(
          /^vault \w+: \S+( on \S+)? holds no backup, and no mark of a new vault: its disk may/,
        );
        expect(error.hint).to.equal(`Mount it. If the vault is new: firedrill init --vault ${vault.label}`);
      }
      expect(await readdir(vault.localFolder)).to.deep.equal(['lost+found']);
    });

    it('is made once, twice does no harm, and is no foreign file', async () => {
      await using vault = await open();
      await vault.mark();
      await vault.mark();
      expect(await vault.list()).to.deep.equal({ members: [], partial: [], foreign: [] });
      await using _lock = await vault.lock(ref.service, 'backup');
      await (await vault.create(ref)).commit();
      expect((await vault.list()).members).to.have.length(1);
    });

    it('is not needed where sets lie', async () => {
      await using vault = await open();
      await vault.mark();
      await (await vault.create(ref)).commit();
      await rm(join(vault.localFolder, '.firedrill-vault'));
      expect((await vault.list()).members).to.have.length(1);
      await (await vault.create({ ...ref, id: 'full-20261122T023000Z' })).commit();
      expect((await vault.list()).members).to.have.length(2);
    });

    it('is put into a folder that is made for it', async () => {
      await using vault = await open();
      await rm(vault.localFolder, { recursive: true });
      expect((await rejectionOf(vault.list())).hint).to.match(/firedrill init --vault/);
      await vault.mark();
      expect((await vault.list()).members).to.deep.equal([]);
    });
  });
}
