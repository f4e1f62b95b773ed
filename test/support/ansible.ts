import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { CommandEnd, SystemdMachine } from './systemd-machine.ts';

const run = promisify(execFile);

export const playbookFolder = '/root/firedrill/deploy/ansible';
const groups = ['backup', 'mysql', 'influxdb', 'grafana', 'prometheus'];

/** What a run of a playbook came to. */
export interface Play extends CommandEnd {
  /** `changed`, `failed` … of the recap, of the one host. */
  recap: Record<string, number>;
}

/** Gives the machine the role and not one variable. */
export async function playBare(machine: SystemdMachine): Promise<CommandEnd> {
  const text = '- hosts: localhost\n  connection: local\n  roles: [firedrill]\n';
  await machine.write('/root/bare.yaml', text);
  return machine.sh(
    `ANSIBLE_NOCOLOR=1 ANSIBLE_ROLES_PATH=${playbookFolder}/roles /usr/bin/ansible-playbook /root/bare.yaml < /dev/null`,
  );
}

/** Lets the machine set itself up, as host of all groups, with the example's variables but for `variables`. */
export async function play(
  machine: SystemdMachine,
  variables: Record<string, unknown>,
  args: readonly string[] = [],
): Promise<Play> {
  const hosts = Object.fromEntries(groups.map((group) => [group, { hosts: { localhost: null } }]));
  await machine.write(
    '/root/hosts.json',
    JSON.stringify({ all: { vars: { ansible_connection: 'local' }, children: hosts } }),
  );
  await machine.write('/root/variables.json', JSON.stringify(variables), '600');
  const command = [
    'timeout 400 /usr/bin/ansible-playbook -i /root/hosts.json infra.yaml',
    '-e @secrets.example.yaml -e @/root/variables.json',
    ...args,
  ];
  const ended = await machine.sh(`cd ${playbookFolder} && ANSIBLE_NOCOLOR=1 ${command.join(' ')} < /dev/null`);
  const counted = /^localhost +: (.*)$/m.exec(ended.stdout)?.[1] ?? '';
  const recap = [...counted.matchAll(/(\w+)=(\d+)/g)].map(([, key = '', value]) => [key, Number(value)]);
  return { ...ended, recap: Object.fromEntries(recap) };
}

/** What npm needs in the machine to reach the registry as it does here. */
export async function npmEnvironment(machine: SystemdMachine): Promise<Record<string, string>> {
  const setting = async (name: string) => {
    const value = (await run('npm', ['config', 'get', name])).stdout.trim();
    return ['null', 'undefined', ''].includes(value) ? undefined : value;
  };
  const proxies = ['http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) =>
    [name, name.toUpperCase()].flatMap((each) => (process.env[each] ? [[each, process.env[each]]] : [])),
  );
  const authorities = process.env.NODE_EXTRA_CA_CERTS || (await setting('cafile'));
  if (authorities) await machine.write('/root/authorities.pem', await readFile(authorities));
  return {
    npm_config_registry: (await setting('registry')) ?? '',
    ...Object.fromEntries(proxies),
    ...(authorities ? { NODE_EXTRA_CA_CERTS: '/root/authorities.pem' } : {}),
  };
}
