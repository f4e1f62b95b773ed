import type { Bay } from '../../hosts/bay.ts';
import { podDataFolder, podSocketFolder, type SandboxRecipe, type ServiceLimits } from '../../model/sandbox.ts';

export const socketFile = 'mysqld.sock';
const mib = 1024 ** 2;

export const folders = {
  data: `${podDataFolder}/data`,
  /** For sorting: `/tmp` is too small for the keys of a large table. */
  sort: `${podDataFolder}/sort`,
};

/** Base name of the server's relay logs. */
export const relayBaseName = 'relay';

/** What the source's server was made with, and cannot be changed later. */
export interface BirthSettings {
  lowerCaseTableNames: number;
  pageSizeBytes: number;
}

export function birthArguments({ lowerCaseTableNames, pageSizeBytes }: BirthSettings): string[] {
  return [`--lower-case-table-names=${lowerCaseTableNames}`, `--innodb-page-size=${pageSizeBytes}`];
}

/** Makes an empty server whose root has no password and can log in through the unix socket only. */
export function initialiseArguments(birth: BirthSettings): string[] {
  return [
    '--no-defaults',
    '--initialize-insecure',
    `--datadir=${folders.data}`,
    '--secure-file-priv=NULL',
    '--innodb-redo-log-capacity=8M',
    '--innodb-doublewrite=OFF',
    // Nothing of it must outlive a crash of this machine, and the server that follows reads what the kernel has.
    '--innodb-flush-method=nosync',
    '--innodb-flush-log-at-trx-commit=0',
    ...birthArguments(birth),
  ];
}

/** Several services share the pod's loopback: each bay has a port of its own there. */
const firstPort = 13_306;
export const portOf = ({ index }: Pick<Bay, 'index'>) => firstPort + index;

/**
 * A server to throw away: nothing of what it writes must outlive a crash. It listens nowhere but on its socket, and on
 * `port` of the pod's loopback where one is given; it runs no event and knows no other server.
 */
export function serverRecipe(limits: ServiceLimits, birth: BirthSettings, port?: number): SandboxRecipe {
  // What is left is for sorting, loading, connections and the server itself.
  const poolBytes = Math.max(128 * mib, Math.floor(limits.memoryBytes / 2 / mib) * mib);
  const sortBytes = Math.max(8 * mib, Math.min(256 * mib, Math.floor(limits.memoryBytes / 16 / mib) * mib));
  const command = [
    '--no-defaults',
    `--datadir=${folders.data}`,
    `--socket=${podSocketFolder}/${socketFile}`,
    '--secure-file-priv=NULL',
    `--tmpdir=${folders.sort}`,
    ...(port === undefined ? ['--skip-networking'] : ['--bind-address=127.0.0.1', `--port=${port}`]),
    '--mysqlx=OFF',
    '--skip-log-bin',
    // For binary logs of increments, which are applied as relay logs; with and without GTIDs.
    '--server-id=4294967295',
    `--relay-log=${relayBaseName}`,
    '--relay-log-purge=OFF',
    '--gtid-mode=ON_PERMISSIVE',
    '--enforce-gtid-consistency=WARN',
    `--replica-parallel-workers=${Math.max(2, Math.min(16, Math.round(limits.cpus * 2)))}`,
    '--skip-name-resolve',
    '--skip-replica-start',
    '--event-scheduler=DISABLED',
    '--local-infile=OFF',
    '--max-allowed-packet=1G',
    '--innodb-doublewrite=OFF',
    '--innodb-flush-log-at-trx-commit=0',
    '--innodb-flush-method=O_DIRECT_NO_FSYNC',
    `--innodb-buffer-pool-size=${poolBytes}`,
    `--innodb-redo-log-capacity=${Math.min(1024 * mib, Math.max(64 * mib, Math.floor(limits.diskBytes / 8)))}`,
    `--innodb-ddl-buffer-size=${sortBytes}`,
    `--innodb-ddl-threads=${Math.max(1, Math.min(8, Math.round(limits.cpus)))}`,
    ...birthArguments(birth),
  ];
  return { entrypoint: ['mysqld'], command, env: {}, tmpfs: {}, capabilities: [], socket: socketFile };
}
