import { expect } from 'chai';
import type { Docker } from '../../../src/hosts/docker-client.ts';
import { findLabelled, removeAll } from '../../../src/sandbox/removal.ts';

/** A Docker that knows containers, volumes, and who uses which; `onList` happens whenever it has been asked for containers. */
function fakeDocker(containers: Map<string, { uses: string }>, volumes: Set<string>, onList: () => void = () => {}) {
  const refusal = (statusCode: number) =>
    Promise.reject(Object.assign(new Error(`HTTP ${statusCode}`), { statusCode }));
  const isUsed = (name: string) => [...containers.values()].some(({ uses }) => uses === name);
  return {
    listContainers: async () => {
      const found = [...containers.keys()];
      onList();
      return found.map((name) => ({ Id: `id-of-${name}`, Names: [`/${name}`], Labels: {}, State: 'running' }));
    },
    listVolumes: async () => ({ Volumes: [...volumes].map((Name) => ({ Name, Labels: {} })) }),
    getContainer: (id: string) => ({
      remove: async () => containers.delete(id.slice('id-of-'.length)) || refusal(404),
    }),
    getVolume: (name: string) => ({
      remove: async () => (isUsed(name) ? refusal(409) : volumes.delete(name) || refusal(404)),
    }),
  } as unknown as Docker;
}

describe('removeAll', () => {
  it('removes containers before their volumes, and tells of each', async () => {
    const [containers, volumes] = [new Map([['server', { uses: 'disk' }]]), new Set(['disk'])];
    const docker = fakeDocker(containers, volumes);
    const removals = await removeAll(docker, () => findLabelled(docker, 'a'));
    expect(removals).to.deep.equal([{ what: 'container server' }, { what: 'volume disk' }]);
    expect([containers.size, volumes.size]).to.deep.equal([0, 0]);
    expect(await removeAll(docker, () => findLabelled(docker, 'a'))).to.deep.equal([]);
  });

  it('removes also what comes into being meanwhile, with the volume that it uses', async () => {
    const [containers, volumes] = [new Map<string, { uses: string }>(), new Set(['disk'])];
    let asked = 0;
    const docker = fakeDocker(containers, volumes, () => {
      if (asked++ === 0) containers.set('late', { uses: 'disk' });
    });
    const removals = await removeAll(docker, () => findLabelled(docker, 'a'));
    expect(removals).to.have.deep.members([{ what: 'container late' }, { what: 'volume disk' }]);
    expect([containers.size, volumes.size]).to.deep.equal([0, 0]);
  });

  it('tells of what it could not remove, and removes the rest', async () => {
    const [containers, volumes] = [new Map([['of somebody else', { uses: 'a' }]]), new Set(['a', 'b'])];
    const docker = fakeDocker(containers, volumes);
    const removals = await removeAll(docker, async () => ({ ...(await findLabelled(docker, 'a')), containers: [] }));
    expect(removals.map(({ what, error }) => [what, error === undefined])).to.have.deep.members([
      ['volume a', false],
      ['volume b', true],
    ]);
    expect(removals.find(({ error }) => error)?.error).to.include({ code: 'SANDBOX_FAILED' });
  });

  it('does not call unremoved what somebody else has removed', async () => {
    const [containers, volumes] = [new Map([['of somebody else', { uses: 'a' }]]), new Set(['a'])];
    const docker = fakeDocker(containers, volumes);
    let asked = 0;
    const removals = await removeAll(docker, async () => {
      if (asked++ > 0) volumes.clear();
      return { ...(await findLabelled(docker, 'a')), containers: [] };
    });
    expect(removals).to.deep.equal([]);
  });
});
