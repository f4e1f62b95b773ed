import type { Docker } from '../../../src/hosts/docker-client.ts';

export type CreateOptions = Parameters<Docker['createContainer']>[0];

/** The same Docker Engine; containers are created as `change` says, or not. */
export function changedDocker(docker: Docker, change: (options: CreateOptions) => CreateOptions): Docker {
  return Object.assign(Object.create(docker) as Docker, {
    createContainer: async (options: CreateOptions) => docker.createContainer(change(options)),
  });
}

/** A pod that is not sealed: it has the network that Docker gives a container by default. */
export const openNetwork = (docker: Docker): Docker =>
  changedDocker(docker, (options) => {
    if (!options.name?.endsWith('-pod')) return options;
    return { ...options, HostConfig: { ...options.HostConfig, NetworkMode: 'bridge' } };
  });
