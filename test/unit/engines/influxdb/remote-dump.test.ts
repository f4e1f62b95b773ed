import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { RemoteDump } from '../../../../src/engines/influxdb/remote-dump.ts';
import { localHost } from '../../../../src/hosts/local.ts';
import { readTar } from '../../../../src/kit/tar.ts';
import { testActivity } from '../../../support/activity.ts';
import { rejectionOf } from '../../../support/rejection.ts';
import { scratchFolder } from '../../../support/scratch.ts';
import { until } from '../../../support/until.ts';

const nothingSent = 'Download shard 1 failed copy backup to file: err=<nil>, n=0.  Waiting 2s and retrying (0)...';
const reset =
  'Download shard 1 failed copy backup to file: err=read tcp 127.0.0.1:4->127.0.0.1:8088: read: connection reset by peer, n=9.  Waiting 2s and retrying (0)...';
const refused =
  'Download shard 0 failed dial tcp 127.0.0.1:8088: connect: connection refused.  Waiting 2s and retrying (0)...';
const diskFull =
  'Download shard 1 failed copy backup to file: err=write x: no space left on device, n=9.  Waiting 2s and retrying (0)...';

/** What a try does before it goes on as influxd does: it would wait, and then append to what it has. */
const says = (line: string) => `echo '2026/11/22 01:30:00 ${line}' >&2; sleep 30; echo appended >> "$folder/$try.meta"`;
const partial = (line: string) =>
  `echo half > "$folder/20261122T0130.s1.tar.gz"; touch "$folder/.pending"; ${says(line)}`;

/**
 * A dump on this machine, whose influxd is a script.
 * @param tries what it does in each try before it writes a whole backup named after the try; from the last on the same
 */
async function dumpBy(tries: readonly string[], signal?: AbortSignal) {
  const scratch = await scratchFolder();
  const count = join(scratch.path, 'count');
  const tool = join(scratch.path, 'influxd');
  const cases = tries.map((what, i) => `${i === tries.length - 1 ? '*' : i + 1}) ${what} ;;`).join('\n');
  await writeFile(
    tool,
    `#!/bin/sh
try=$(( $(cat ${count} 2>/dev/null || echo 0) + 1 )); echo $try > ${count}
for folder; do :; done
echo "$folder" > ${scratch.path}/folder
case $try in
${cases}
esac
for end in manifest meta s1.tar.gz; do echo "of try $try" > "$folder/$try.$end"; done
echo 'backup complete:'
`,
  );
  await chmod(tool, 0o700);
  const host = localHost({ env: { PATH: `${scratch.path}:/usr/bin:/bin` }, graceMs: 2_000 });
  const activity = testActivity(signal);
  const dump = await RemoteDump.begin(host, scratch.path, activity);
  const source = { service: 'telegraf', settings: { database: 'telegraf', port: 8086, backupPort: 8088 } };
  return {
    dump,
    run: (pausesMs: readonly number[] = [1, 1, 1, 1]) => dump.run(source, pausesMs),
    told: () => activity.events.map(({ service, phase, text }) => `${service}: ${phase}: ${text}`),
    tries: async () => Number(await readFile(count, 'utf8')),
    lies: async () => (await readdir((await readFile(join(scratch.path, 'folder'), 'utf8')).trim())).sort(),
    left: async () => (await readdir(scratch.path)).filter((name) => name.startsWith('firedrill-influxdb-')),
    [Symbol.asyncDispose]: async () => {
      await dump[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
      await scratch[Symbol.asyncDispose]();
    },
  };
}

describe('RemoteDump.run', function () {
  this.timeout(20_000);

  it('begins anew after the server has sent nothing, and holds the second try only', async () => {
    await using given = await dumpBy([partial(nothingSent), ':']);
    await given.run();
    expect(await given.tries()).to.equal(2);
    expect(await given.lies()).to.deep.equal(['2.manifest', '2.meta', '2.s1.tar.gz']);
    const { stream, done } = given.dump.files(['2.s1.tar.gz']);
    const names: string[] = [];
    for await (const entry of readTar(stream)) {
      names.push(entry.name);
      entry.content.resume();
    }
    await done;
    expect(names).to.deep.equal(['2.manifest', '2.meta', '2.s1.tar.gz']);
    expect(await given.dump.manifest()).to.equal('of try 2\n');
  });

  it('tells of each try that was given up, and why; of none where the first was good', async () => {
    await using given = await dumpBy([says(nothingSent), says(reset), ':']);
    await given.run();
    const [first, second, ...others] = given.told();
    expect(first).to.match(
      /^telegraf: retry: influxd backup was begun anew \(try 2 of 5\), since it said: .*err=<nil>, n=0/,
    );
    expect(second).to.match(/^telegraf: retry: influxd backup was begun anew \(try 3 of 5\), .*reset by peer, n=9/);
    expect(others).to.deep.equal([]);
    await using good = await dumpBy([':']);
    await good.run();
    expect(good.told()).to.deep.equal([]);
    expect(await good.lies()).to.deep.equal(['1.manifest', '1.meta', '1.s1.tar.gz']);
  });

  it('leaves nothing of a transfer that was cut in the middle', async () => {
    await using given = await dumpBy([partial(reset), ':']);
    await given.run();
    expect(await given.lies()).to.deep.equal(['2.manifest', '2.meta', '2.s1.tar.gz']);
  });

  it('fails when the server never sends anything, after as many tries as it says', async () => {
    await using given = await dumpBy([partial(nothingSent)]);
    const error = await rejectionOf(given.run([1, 1]));
    expect(error.code).to.equal('BACKUP_INCOMPLETE');
    expect(error.message).to.match(
      /^influxd backup broke off in each of 3 tries; in the last it said: .*err=<nil>, n=0/,
    );
    expect(error.hint).to.match(/log of InfluxDB .* run the backup again/);
    expect(error.detail).to.deep.equal([`2026/11/22 01:30:00 ${nothingSent}`]);
    expect(await given.tries()).to.equal(3);
    expect(given.told()).to.have.length(2);
    await given.dump[Symbol.asyncDispose]();
    expect(await given.left()).to.deep.equal([]);
  });

  it('waits longer from try to try', async () => {
    await using given = await dumpBy([says(nothingSent), says(nothingSent), ':']);
    const startedMs = performance.now();
    await given.run([200, 600]);
    expect(performance.now() - startedMs).to.be.within(790, 15_000);
  });

  it('fails at once where another try would not do better', async () => {
    for (const [line, code] of [
      [refused, 'SOURCE_UNREACHABLE'],
      [diskFull, 'BACKUP_INCOMPLETE'],
    ] as const) {
      await using given = await dumpBy([says(line), ':']);
      expect(await rejectionOf(given.run())).to.include({ code });
      expect(await given.tries()).to.equal(1);
      expect(given.told()).to.deep.equal([]);
    }
  });

  it('fails at once when influxd ends badly without a complaint', async () => {
    await using given = await dumpBy(['echo "backup: invalid port"; exit 1']);
    const error = await rejectionOf(given.run());
    expect(error).to.include({ code: 'BACKUP_INCOMPLETE' });
    expect(error.detail).to.deep.equal(['backup: invalid port']);
    expect(await given.tries()).to.equal(1);
  });

  it('ends its pause when it is told to stop, and begins nothing more', async () => {
    const stop = new AbortController();
    await using given = await dumpBy([says(nothingSent), ':'], stop.signal);
    const running = rejectionOf(given.run([60_000]));
    await until('the pause', async () => given.told()[0]);
    stop.abort();
    expect(await running).to.include({ code: 'INTERRUPTED' });
    expect(await given.tries()).to.equal(1);
    await given.dump[Symbol.asyncDispose]();
    expect(await given.left()).to.deep.equal([]);
  });
});

describe('a dump that is carried to another host', () => {
  it('is read to its end, padding included: its sender is not cut off', async () => {
    await using scratch = await scratchFolder();
    await writeFile(join(scratch.path, 'one.meta'), 'metadata');
    await using host = localHost();
    await using dump = await RemoteDump.begin(host, scratch.path, testActivity());
    // As a tool on another host sends it, and longer after the end mark than any pipe holds.
    const script = 'tar -cf - -C "$1" one.meta && sleep 0.2 && head -c 4000000 /dev/zero';
    const sender = host.run({ tool: 'sh', args: ['-c', script, 'sh', scratch.path] });
    await dump.fill(sender.stdout);
    expect(await sender.done).to.include({ code: 0 });
    const [folder = ''] = (await readdir(scratch.path)).filter((name) => name.startsWith('firedrill-influxdb-'));
    expect(await readFile(join(scratch.path, folder, 'one.meta'), 'utf8')).to.equal('metadata');
  });
});
