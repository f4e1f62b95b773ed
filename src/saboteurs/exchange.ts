import { pick } from '../kit/random.ts';
import { describeMember } from '../model/backup-set.ts';
import type { Saboteur, Scene } from './saboteur.ts';

/** Under a right seal only the recorded source can tell, and only where the two services' sources differ. */
export const swapped = (resealed: boolean): Saboteur => ({
  id: 'S08',
  title: "another service's backup lies in this one's place",
  resealed,
  seenBy: 'manifests',
  caughtBy: resealed ? ['provenance'] : ['manifest'],
  inject: async (scene) => {
    const { vault, service, needed, forger } = scene;
    const other = pick(scene.random, othersOf(scene));
    if (other === undefined) return undefined;
    const set = needed.at(-1)?.set;
    const foreign = vault.members.filter((each) => each.service === other && each.set === set);
    for (const own of vault.members.filter((each) => each.service === service)) vault.removeMember(own);
    for (const each of foreign) vault.copyMember(each, { ...each, service });
    for (const each of resealed ? foreign : []) {
      await forger.reseal(vault, { ...each, service }, (body) => {
        body.service = service;
      });
    }
    return `the backups of ${other} were put in the place of those of ${service}`;
  },
});

/** Other services with a backup in the week that is drilled. */
function othersOf({ vault, service, needed }: Scene): string[] {
  const week = vault.members.filter((each) => each.set === needed.at(-1)?.set && each.service !== service);
  return [...new Set(week.map((each) => each.service))];
}

const replayed: Saboteur = {
  id: 'S32',
  title: 'another member lies under the name of the newest increment',
  resealed: false,
  seenBy: 'manifests',
  caughtBy: ['manifest'],
  inject: async ({ vault, needed, random }) => {
    const [newest, ...before] = needed.toReversed();
    const other = pick(random, before);
    if (!newest || !other) return undefined;
    vault.copyMember(other, newest);
    return `the files of ${describeMember(other)} were put in the place of those of ${describeMember(newest)}`;
  },
};

/** What lies in the place of something else. */
export const exchanges: readonly Saboteur[] = [swapped(false), replayed];
