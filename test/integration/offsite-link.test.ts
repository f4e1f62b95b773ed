import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import { compareVaults } from '../../src/flow/parity.ts';
import { type SyncOrder, syncVaults } from '../../src/flow/sync.ts';
import { seeded } from '../../src/kit/random.ts';
import { digestOf } from '../../src/kit/streams.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import { MemberSealer } from '../../src/vault/member-sealer.ts';
import { sftpVault } from '../../src/vault/sftp.ts';
import { VerifiedMember } from '../../src/vault/verified-member.ts';
import { testActivity } from '../support/activity.ts';
import { type CuttingProxy, cuttingProxy } from '../support/cutting-proxy.ts';
import { testKeys, trusted } from '../support/member.ts';
import { scratchFolder } from '../support/scratch.ts';
import { type SftpServer, startSftp } from '../support/sshd.ts';

const mib = 1 << 20;
const services = [{ service: 'agama', retentionDays: 36_500 }];

/** A member of a service whose artifacts are of these sizes, and do not compress. */
async function seal(folder: string, hour: number, sizes: readonly number[]) {
  const at = `2026-11-22T0${hour}:30:00.000Z`;
  const ref = { set: 'backup-2026-11-22', service: 'agama', id: `full-20261122T0${hour}3000Z` };
  await using sealer = await MemberSealer.begin(directoryVault('onsite', folder), ref);
  for (const [i, bytes] of sizes.entries()) {
    await sealer.add(`data-${i}`, 'data', 'none', Readable.from([randomBytes(bytes)]));
  }
  const source = { host: 'local', identity: {}, engineVersion: '1.0' };
  const about = { kind: 'full', parent: null, engine: 'file', source, tools: {}, position: null, facts: null } as const;
  const instants = { startedAt: at, dataAt: at, finishedAt: at };
  await sealer.seal({ format: 'firedrill-manifest', version: 1, ...ref, ...about, ...instants }, testKeys.privateKey);
}

describe('an offsite vault behind a link that is cut', function () {
  this.timeout(120_000);
  let server: SftpServer;
  let link: CuttingProxy;
  let used = 0;
  before(async () => {
    server = await startSftp();
    link = await cuttingProxy(server.login.port ?? 22);
    await writeFile(server.login.knownHostsFile, `[127.0.0.1]:* ${server.sshd.hostKey}\n`);
  });
  after(async () => {
    await link[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** An onsite vault with one member, and an empty offsite one behind the link. */
  async function pair(sizes: readonly number[], pausesMs: readonly number[] = Array(40).fill(5)) {
    const scratch = await scratchFolder();
    await seal(scratch.path, 1, sizes);
    const name = `vault-${used++}`;
    const offsite = join(server.localFolder, name);
    await mkdir(offsite);
    await server.own(offsite);
    const from = directoryVault('onsite', scratch.path);
    const login = { ...server.login, port: link.port };
    const to = sftpVault({ label: 'offsite', folder: `${server.folder}/${name}`, login, pausesMs });
    const flags = { sameMachineAllowed: true, despiteLoss: false };
    const order: SyncOrder = { from, to, trusted, services, ...flags };
    link.cutAfter = () => undefined;
    link.cuts = 0;
    return {
      ...{ order, to, offsite, onsite: scratch.path },
      sync: () => syncVaults(order, testActivity()),
      differences: async () => {
        const parity = { original: from, copy: to, trusted, services, all: true, allowedLagMs: 0 };
        return (await compareVaults(parity, testActivity())).flatMap((each) => each.differences);
      },
      [Symbol.asyncDispose]: async () => {
        link.cutAfter = () => undefined;
        await to[Symbol.asyncDispose]();
        await scratch[Symbol.asyncDispose]();
      },
    };
  }

  /** Cuts the next `n` connections, each after so many bytes by chance; then the link holds. */
  function cutAtRandom(n: number, maxBytes: number) {
    const seed = Date.now() % 2 ** 32;
    const random = seeded(seed);
    let left = n;
    link.cutAfter = () => (left-- > 0 ? Math.ceil(random() * maxBytes) : undefined);
    return `seed ${seed}`;
  }

  it('goes on after 20 cuts at random bytes while it sends, and all that was sent is verified', async () => {
    await using given = await pair([5 * mib, 3 * mib, 10, 0]);
    await given.to.list();
    server.sshd.killConnections();
    const seed = cutAtRandom(20, mib);
    const outcome = await given.sync();
    expect(outcome.stopped?.message, seed).to.equal(undefined);
    expect(outcome.copied, seed).to.have.length(1);
    expect(link.cuts, seed).to.equal(20);
    expect(await given.differences(), seed).to.deep.equal([]);
  });

  it('goes on after 20 cuts at random bytes while it is read', async () => {
    await using given = await pair([8 * mib]);
    await given.sync();
    const [listed] = (await given.to.list()).members;
    if (!listed) throw new Error('nothing was copied');
    const member = await VerifiedMember.open(given.to, listed, trusted);
    server.sshd.killConnections();
    const seed = cutAtRandom(20, mib);
    const { bytes } = await digestOf(member.content('data-0'));
    expect([bytes, link.cuts], seed).to.deep.equal([8 * mib, 20]);
  });

  it('fails clearly when the link stays cut, harms neither vault, and goes on from there the next time', async () => {
    await using given = await pair([4 * mib, 4 * mib], [5, 5]);
    await given.to.list();
    server.sshd.killConnections();
    let first = true;
    link.cutAfter = () => {
      const bytes = first ? 6 * mib : 1;
      first = false;
      return bytes;
    };
    const { stopped, copied } = await given.sync();
    expect(stopped).to.include({ code: 'HOST_UNREACHABLE', exit: 1 });
    expect(copied).to.deep.equal([]);
    link.cutAfter = () => undefined;
    expect((await given.to.list()).members).to.deep.equal([]);
    expect((await given.order.from.list()).members).to.have.length(1);
    // The lock that could not be given back: with its process it would have ended.
    await rm(join(given.offsite, '.locks'), { recursive: true });
    link.sentBytes = 0;
    const again = await given.sync();
    expect(again.stopped).to.equal(null);
    expect(link.sentBytes).to.be.lessThan(5 * mib);
    expect(await given.differences()).to.deep.equal([]);
  });

  it('sends anew what was left there and is not ours', async () => {
    await using given = await pair([2 * mib]);
    const partial = join(given.offsite, 'backup-2026-11-22/agama/.partial-full-20261122T013000Z.copy');
    await mkdir(partial, { recursive: true });
    await appendFile(join(partial, 'data-0'), randomBytes(mib));
    await appendFile(join(partial, 'data-1'), 'of another time');
    for (const way of ['', 'backup-2026-11-22', 'backup-2026-11-22/agama']) await server.own(join(given.offsite, way));
    await server.own(partial);
    for (const file of await readdir(partial)) await server.own(join(partial, file));
    expect((await given.sync()).stopped).to.equal(null);
    expect(await given.differences()).to.deep.equal([]);
  });
});
