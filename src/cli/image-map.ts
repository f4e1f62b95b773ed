import type { Config } from '../config/config.ts';
import type { AnyEngine } from '../engines/engine.ts';

/**
 * The image for an engine version: from `drill.images`, where `8.4` also stands for `8.4.3` and the longest match counts;
 * else the engine's official image.
 */
export function imageFor(
  images: Config['drill']['images'],
  engine: Pick<AnyEngine, 'name' | 'officialImage'>,
  version: string,
): string {
  const mapped = images[engine.name];
  if (typeof mapped === 'string') return mapped;
  const [longest] = Object.keys(mapped ?? {})
    .filter((key) => version === key || (version.startsWith(key) && /^[^0-9]/.test(version.slice(key.length))))
    .sort((a, b) => b.length - a.length);
  return (longest === undefined ? undefined : mapped?.[longest]) ?? engine.officialImage(version);
}
