import type { Bay } from '../../hosts/bay.ts';
import { podDataFolder, podSocketFolder, type SandboxRecipe } from '../../model/sandbox.ts';

export const socketFile = 'influxdb.sock';
export const dataFolder = `${podDataFolder}/data`;
export const dumpFolder = `${podDataFolder}/dump`;

/** Several services share the pod's loopback: each bay has its own pair of ports there. */
const firstPort = 18_086;
export const backupPort = (bay: Bay) => firstPort + 2 * bay.index + 1;
export const httpPort = (bay: Bay) => firstPort + 2 * bay.index;

/**
 * A server that keeps still: nothing expires, is computed, precreated, forwarded or merged while the drill looks; and no
 * limit that the source may not have had.
 */
export function recipe(bay: Bay): SandboxRecipe {
  return {
    entrypoint: ['influxd'],
    // The image's own configuration is not ours.
    command: ['run', '-config', '/dev/null'],
    env: {
      HOME: '/tmp',
      INFLUXDB_REPORTING_DISABLED: 'true',
      INFLUXDB_BIND_ADDRESS: `127.0.0.1:${backupPort(bay)}`,
      INFLUXDB_META_DIR: `${podDataFolder}/meta`,
      INFLUXDB_DATA_DIR: dataFolder,
      INFLUXDB_DATA_WAL_DIR: `${podDataFolder}/wal`,
      INFLUXDB_DATA_WAL_FSYNC_DELAY: '1s',
      INFLUXDB_DATA_QUERY_LOG_ENABLED: 'false',
      INFLUXDB_DATA_MAX_SERIES_PER_DATABASE: '0',
      INFLUXDB_DATA_MAX_VALUES_PER_TAG: '0',
      // Old shards would be merged at once, and their files could no longer be compared.
      INFLUXDB_DATA_COMPACT_FULL_WRITE_COLD_DURATION: '87600h',
      INFLUXDB_COORDINATOR_QUERY_TIMEOUT: '0s',
      INFLUXDB_COORDINATOR_WRITE_TIMEOUT: '10m',
      INFLUXDB_RETENTION_ENABLED: 'false',
      INFLUXDB_CONTINUOUS_QUERIES_ENABLED: 'false',
      INFLUXDB_SHARD_PRECREATION_ENABLED: 'false',
      INFLUXDB_SUBSCRIBER_ENABLED: 'false',
      INFLUXDB_MONITOR_STORE_ENABLED: 'false',
      INFLUXDB_HTTP_AUTH_ENABLED: 'false',
      INFLUXDB_HTTP_LOG_ENABLED: 'false',
      INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${httpPort(bay)}`,
      INFLUXDB_HTTP_UNIX_SOCKET_ENABLED: 'true',
      INFLUXDB_HTTP_BIND_SOCKET: `${podSocketFolder}/${socketFile}`,
    },
    tmpfs: {},
    capabilities: [],
    socket: socketFile,
  };
}
