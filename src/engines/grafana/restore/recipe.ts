import { podDataFolder, podSocketFolder, type SandboxRecipe } from '../../../model/sandbox.ts';

export const socketFile = 'grafana.sock';
export const secretKeyFile = `${podDataFolder}/secret_key`;

/**
 * A restored copy mails people, posts alerts with decrypted passwords, and asks the world for plugins and updates. All of it is
 * off here, by the names of 7 and of 9 and later. `…_ALERTING_ENABLED` is never touched: switching it removes data.
 */
export const grafanaSilence = {
  GF_ALERTING_EXECUTE_ALERTS: 'false',
  GF_UNIFIED_ALERTING_EXECUTE_ALERTS: 'false',
  GF_SMTP_ENABLED: 'false',
  GF_ANALYTICS_REPORTING_ENABLED: 'false',
  GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
  GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
  GF_ANALYTICS_FEEDBACK_LINKS_ENABLED: 'false',
  GF_NEWS_NEWS_FEED_ENABLED: 'false',
  GF_PLUGINS_PREINSTALL_DISABLED: 'true',
  GF_PLUGINS_PREINSTALL_AUTO_UPDATE: 'false',
  GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED: 'true',
  GF_SNAPSHOTS_EXTERNAL_ENABLED: 'false',
  GF_SECURITY_DISABLE_GRAVATAR: 'true',
  GF_INSTALL_PLUGINS: '',
  // Somebody's wrong passwords just before the backup must not lock us out of the copy.
  GF_SECURITY_DISABLE_BRUTE_FORCE_LOGIN_PROTECTION: 'true',
};

// The restored grafana.ini is not used: its [database] could lead the server elsewhere. Up to 11 there is grafana-server,
// from 9.2 on `grafana server`.
const launch = `cd /usr/share/grafana
if [ -x bin/grafana ]; then exec bin/grafana server --homepath=/usr/share/grafana; fi
exec bin/grafana-server --homepath=/usr/share/grafana`;

/** Fits the official images of 7.5 to 12, and the stand-in's. `withKey`: the key lies in `secretKeyFile`. */
export function grafanaRecipe(withKey: boolean): SandboxRecipe {
  return {
    entrypoint: ['sh', '-c'],
    command: [launch],
    env: {
      ...grafanaSilence,
      GF_SERVER_PROTOCOL: 'socket',
      GF_SERVER_SOCKET: `${podSocketFolder}/${socketFile}`,
      GF_DATABASE_TYPE: 'sqlite3',
      GF_DATABASE_PATH: `${podDataFolder}/grafana.db`,
      GF_PATHS_DATA: podDataFolder,
      GF_PATHS_LOGS: '/tmp',
      GF_PATHS_PLUGINS: `${podDataFolder}/plugins`,
      GF_PATHS_PROVISIONING: `${podDataFolder}/provisioning`,
      GF_LOG_MODE: 'console',
      // In a file: a container's environment can be read by whoever may inspect it.
      ...(withKey && { GF_SECURITY_SECRET_KEY: `$__file{${secretKeyFile}}` }),
    },
    tmpfs: {},
    capabilities: [],
    socket: socketFile,
  };
}
