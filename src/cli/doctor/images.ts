import type { Diagnosis } from '../../engines/engine.ts';
import { type Docker, dockerCall } from '../../hosts/docker-client.ts';
import { isFiredrillError, messageOf } from '../../kit/errors.ts';
import { resolveImage } from '../../sandbox/images.ts';
import { ok, problem } from './examine.ts';

/** An image that a drill would use, and for what. */
export interface NeededImage {
  services: string[];
  image: string;
}

/** Which images the newest backups need, each once. */
export function neededImages(pairs: readonly { service: string; image: string }[]): NeededImage[] {
  const grouped = Map.groupBy(pairs, ({ image }) => image);
  return [...grouped].map(([image, of]) => ({ image, services: of.map(({ service }) => service) }));
}

/** Whether an image is here, or could be pulled: the registry is asked, nothing is pulled. */
export async function diagnoseImage(
  docker: Docker,
  { services, image }: NeededImage,
  pull: 'missing' | 'never',
): Promise<Diagnosis> {
  const what = `${image} (${services.join(', ')})`;
  try {
    await resolveImage(docker, image, 'never');
    return ok(`${what} is on this machine`);
  } catch (error) {
    if (!isFiredrillError(error, 'IMAGE_MISSING')) throw error;
  }
  const advice = `Run: docker pull ${image}, or name another image under drill.images.`;
  if (pull === 'never') return problem(`${what} is not on this machine, and drill.pull is never`, advice);
  try {
    await dockerCall(`ask for image ${image}`, () => docker.getImage(image).distribution());
    return ok(`${what} is not on this machine, and can be pulled: the first drill will take longer`);
  } catch (error) {
    return problem(`${what} is not on this machine and cannot be pulled: ${messageOf(error)}`, advice);
  }
}
