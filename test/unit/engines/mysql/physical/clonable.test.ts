import { expect } from 'chai';
import { explainRefusal, judgeFolders } from '../../../../../src/engines/mysql/physical/clonable.ts';

const about = { label: 'ssh:db1', folder: '/clones', data: '/var/lib/mysql', uuid: 'abc', neededBytes: 1024 ** 3 };
const disk = (kib: number) => `/dev/vda 9999999 1 ${kib} 50% /`;
const lines = (user: string, uuid: string, owner: string, folder: string, kib = 2 * 1024 ** 2) =>
  [user, uuid, owner, folder, disk(kib), ''].join('\n');
const own = 'server-uuid=abc';
const judged = (said: string) => judgeFolders(said, about)?.sentence;

describe('the folders of a clone', () => {
  it('are well for root and for the server’s own user', () => {
    expect(judged(lines('0', own, '27', 'directory|27|750'))).to.equal(undefined);
    expect(judged(lines('27', own, '27', 'directory|27|750'))).to.equal(undefined);
    expect(judged(lines('0', own, '27', 'directory|0|1777'))).to.equal(undefined);
    expect(judged(lines('0', own, '0', 'directory|0|755'))).to.equal(undefined);
  });

  it('must be on the server’s own host', () => {
    expect(judged(['0', 'absent', 'unreadable', 'unknown'].join('\n'))).to.match(/^the server does not run on ssh:db1/);
    expect(judged(lines('0', 'server-uuid=other', '27', 'directory|27|750'))).to.match(
      /^the server does not run on ssh:db1/,
    );
  });

  it('must be firedrill’s to read and to remove', () => {
    const sentence = /^on ssh:db1, firedrill's account can neither read nor remove what the server writes/;
    expect(judged(lines('1000', own, '27', 'directory|27|750'))).to.match(sentence);
    expect(judged(lines('1000', 'unreadable', '27', 'directory|27|750'))).to.match(sentence);
  });

  it('must be there, writable for the server, and large enough', () => {
    expect(judged(lines('0', own, '27', 'missing'))).to.equal(
      'there is no folder /clones on ssh:db1, which "cloneFolder" names',
    );
    expect(judged(lines('0', own, '27', 'regular file|27|644'))).to.match(/^there is no folder \/clones/);
    expect(judged(lines('0', own, '27', 'directory|0|755'))).to.match(/^the server cannot write into \/clones/);
    expect(judged(lines('0', own, '27', 'directory|27|750', 1024))).to.equal(
      'a clone needs 1.0 GiB in /clones on ssh:db1, and there are 1.0 MiB',
    );
  });
});

describe('the server’s refusal of a clone', () => {
  it('names the tablespace that lies outside of the data folder', () => {
    expect(explainRefusal(1086, "File '/tmp/outside/shop/t.ibd' already exists")?.sentence).to.equal(
      "/tmp/outside/shop/t.ibd lies outside of the server's data folder, and cannot be cloned",
    );
    expect(explainRefusal(1, 'anything else')).to.equal(undefined);
  });
});
