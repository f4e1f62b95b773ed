import { type Benign, servicesOf } from '../saboteur.ts';

const one = ['agama', 'telegraf', 'grafana'] as const;

/** What must not be found: a false alarm teaches people not to look. */
export const benigns: readonly Benign[] = [
  {
    services: ['agama', 'telegraf', 'latency', 'grafana'],
    what: 'nothing was done',
    prepare: async () => {},
  },
  ...servicesOf(
    one,
    (service): Benign => ({
      services: [service],
      what: 'every artifact was compressed again and sealed again',
      prepare: async ({ copy }) => {
        for (const member of await copy.chain(service)) {
          for (const entry of (await copy.manifest(member)).artifacts) {
            await copy.changeContent(member, entry, (content) => content);
          }
        }
      },
    }),
  ),
  ...servicesOf(
    one,
    (service): Benign => ({
      services: [service],
      what: 'nothing was written between two backups',
      prepare: async ({ backUp }) => {
        await backUp('incremental');
        await backUp('incremental');
      },
    }),
  ),
  {
    services: ['grafana'],
    what: 'an increment in the middle is missing, and each needs the full only',
    prepare: async ({ copy }) => copy.remove(await copy.member('grafana', 1)),
  },
];
