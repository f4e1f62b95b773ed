/** The pod's user: not root, also when firedrill is root; ourselves otherwise, so that we can remove its files. */
export function podUser(uid = process.getuid?.() ?? 0, gid = process.getgid?.() ?? 0): string {
  return uid === 0 ? '10001:0' : `${uid}:${gid}`;
}
