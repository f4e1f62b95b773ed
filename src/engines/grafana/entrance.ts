import { FiredrillError } from '../../kit/errors.ts';
import type { Entrance } from '../engine.ts';
import { socketFile } from './restore/recipe.ts';
import type { GrafanaSettings } from './settings.ts';

/** By its socket only: a Grafana that serves one serves no port. Without a login of its own, as the scratch copy's admin. */
export const grafanaEntrance: Entrance<GrafanaSettings> = {
  keys: ['socket', 'user', 'password'],
  open: async (_chain, restored, _settings, login) => {
    const { RestoredGrafana } = await import('./restore.ts');
    if (!(restored instanceof RestoredGrafana)) throw new FiredrillError('INTERNAL', 'this is no restored Grafana');
    const { username, password } = restored.login;
    return {
      socket: socketFile,
      ...(login ? { user: login.user, password: login.password.reveal() } : { user: username, password }),
    };
  },
};
