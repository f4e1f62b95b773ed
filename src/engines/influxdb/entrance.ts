import { FiredrillError } from '../../kit/errors.ts';
import { accessKeys } from '../../model/application.ts';
import type { Entrance } from '../engine.ts';
import { httpPort, socketFile } from './recipe.ts';
import type { InfluxdbSettings } from './settings.ts';

/** Its HTTP, on the pod's loopback and on its socket. The restored server asks nobody who he is: any login will do. */
export const influxdbEntrance: Entrance<InfluxdbSettings> = {
  keys: accessKeys,
  open: async (_chain, restored, { database }, login) => {
    const { isRestoredInfluxdb } = await import('./restore.ts');
    if (!isRestoredInfluxdb(restored)) throw new FiredrillError('INTERNAL', 'this is no restored InfluxDB');
    return {
      ...{ host: '127.0.0.1', port: String(httpPort(restored.bay)), socket: socketFile, database },
      ...{ user: login?.user ?? 'firedrill', password: login?.password.reveal() ?? 'firedrill' },
    };
  },
  openLive: async ({ settings: { port, database, user, password } }, login) => ({
    access: {
      ...{ host: '127.0.0.1', port: String(port), database },
      ...{ user: login?.user ?? user ?? '', password: (login?.password ?? password)?.reveal() ?? '' },
    },
    [Symbol.asyncDispose]: async () => {},
  }),
};
