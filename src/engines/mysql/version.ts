import { FiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';

/** `8.4.3-0ubuntu1` → `8.4.3`. SOURCE_UNSUITABLE for what is not MySQL 8 or later. */
export function engineVersionOf(said: string, service: string): string {
  const version = /^(\d+)\.\d+\.\d+/.exec(said);
  if (version && Number(version[1]) >= 8 && !/mariadb/i.test(said)) return version[0];
  throw new FiredrillError('SOURCE_UNSUITABLE', `${service}: ${plainLine(said, 80)} is not MySQL 8.0 or later`);
}

/** `8.4.3` → `8.4`: servers of one such release read each other's data. */
export function releaseOf(version: string): string {
  return /^\d+\.\d+/.exec(version)?.[0] ?? version;
}

export function isAtLeast(version: string, major: number, minor: number): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a > major || (a === major && b >= minor);
}
