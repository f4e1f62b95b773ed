import { type Docker, dockerCall } from '../hosts/docker-client.ts';
import { FiredrillError, isFiredrillError, messageOf } from '../kit/errors.ts';

/** An image as it is on this machine. */
export interface ResolvedImage {
  name: string;
  id: string;
  /** The registry's digest, `mysql@sha256:…`; null for an image that was built here. */
  digest: string | null;
}

/** Finds an image, pulling it first where `pull` allows; IMAGE_MISSING else. */
export async function resolveImage(docker: Docker, name: string, pull: 'missing' | 'never'): Promise<ResolvedImage> {
  try {
    return await inspectImage(docker, name);
  } catch (error) {
    if (!isFiredrillError(error, 'IMAGE_MISSING')) throw error;
    if (pull === 'never') throw missing(name, 'it is not on this machine, and drill.pull is never', error);
  }
  await pullImage(docker, name);
  return inspectImage(docker, name);
}

async function inspectImage(docker: Docker, name: string): Promise<ResolvedImage> {
  const { Id, RepoDigests } = await dockerCall(`inspect image ${name}`, () => docker.getImage(name).inspect());
  return { name, id: Id, digest: RepoDigests?.[0] ?? null };
}

async function pullImage(docker: Docker, name: string): Promise<void> {
  try {
    const stream = await docker.pull(name);
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve()));
    });
  } catch (error) {
    throw missing(name, `it is not on this machine and cannot be pulled: ${messageOf(error)}`, error);
  }
}

function missing(name: string, why: string, cause: unknown) {
  return new FiredrillError('IMAGE_MISSING', `image ${name} cannot be used: ${why}`, { cause });
}
