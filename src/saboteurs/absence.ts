import { pick } from '../kit/random.ts';
import { describeMember, manifestFile } from '../model/backup-set.ts';
import type { Saboteur, Scene } from './saboteur.ts';

const byManifests = { resealed: false, seenBy: 'manifests' } as const;

const service: Saboteur = {
  ...byManifests,
  id: 'S05',
  title: 'all backups of a service are missing',
  caughtBy: ['coverage'],
  inject: async ({ vault, service: name }) => {
    const own = vault.members.filter((each) => each.service === name);
    for (const each of own) vault.removeMember(each);
    return `all ${own.length} members of ${name} were removed`;
  },
};

const manifest: Saboteur = {
  ...byManifests,
  id: 'S06',
  title: 'a member has no manifest, as if its backup had never ended',
  caughtBy: ['manifest', 'coverage'],
  inject: async ({ vault, needed }) => {
    const newest = needed.at(-1);
    if (!newest) return undefined;
    vault.removeFile(newest, manifestFile);
    return `the manifest of ${describeMember(newest)} was removed`;
  },
};

const full: Saboteur = {
  ...byManifests,
  id: 'S30',
  title: 'the full of a chain is missing',
  caughtBy: ['chain'],
  inject: async ({ vault, needed }) => {
    const [first, ...increments] = needed;
    if (!first || increments.length === 0) return undefined;
    vault.removeMember(first);
    return `${describeMember(first)} was removed`;
  },
};

const increment: Saboteur = {
  ...byManifests,
  id: 'S31',
  title: 'an increment in the middle of a chain is missing',
  caughtBy: ['chain'],
  inject: async (scene) => {
    const missing = pick(scene.random, inTheMiddle(scene));
    if (!missing) return undefined;
    scene.vault.removeMember(missing);
    return `${describeMember(missing)} was removed`;
  },
};

/** Increments that others build on; of a differential chain there are none. */
function inTheMiddle({ needed, dependence }: Scene): Scene['needed'] {
  return dependence === 'previous' ? needed.slice(1, -1) : [];
}

/** What is not there any more. */
export const absences: readonly Saboteur[] = [service, manifest, full, increment];
