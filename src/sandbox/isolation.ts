import { createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type Docker, dockerCall, statusCodeOf } from '../hosts/docker-client.ts';
import type { Host } from '../hosts/host.ts';
import { outputOf } from '../hosts/output.ts';
import type { CheckResult } from '../model/check.ts';
import { Look } from '../model/check.ts';
import type { ProbeRecord } from '../model/journal.ts';

/** Documentation addresses (RFC 5737, RFC 3849) stand for the world: nothing answers there, and nothing may be asked. */
const worldAddresses = ['192.0.2.1:443', '2001:db8::1:443'];
const worldNames = ['example.com'];

export interface IsolationTargets {
  /** `host:port` of production, which must be out of reach. */
  addresses: readonly string[];
  /** Names of production that must not resolve, or resolve to the pod itself. */
  names: readonly string[];
}

/**
 * Asserts, from inside the pod's network, that there is no way out: the kernel knows loopback only and no route; a
 * service of this machine, the bridge's gateway, production and the world are unreachable; no foreign name resolves.
 * The same tools are tried on loopback, where they must succeed in reaching the kernel: a probe that could not fail is none.
 */
export async function assertIsolation(
  docker: Docker,
  pod: Host,
  targets: IsolationTargets,
): Promise<{ result: CheckResult; probes: ProbeRecord[] }> {
  const lure = await openLure();
  try {
    const gateway = await bridgeGateway(docker);
    const hostPort = (lure.server.address() as { port: number }).port;
    const hostServices = gateway ? [`${gateway}:${hostPort}`] : [];
    const probes = [
      ...(await kernelProbes(pod)),
      await control(pod),
      ...(await Promise.all(
        [...hostServices, ...targets.addresses, ...worldAddresses].map((address) => reach(pod, address)),
      )),
      await lookUp(pod, 'localhost', true),
      ...(await Promise.all([...targets.names, ...worldNames].map((name) => lookUp(pod, name, false)))),
      heard(lure.connections()),
    ];
    return { result: judge(probes), probes };
  } finally {
    lure.server.close();
  }
}

function judge(probes: readonly ProbeRecord[]): CheckResult {
  const look = new Look('isolation', null, 'probes', probes.length);
  for (const probe of probes) {
    look.sawOne();
    if (probe.ok) continue;
    const sentence = `the pod is not sealed: ${probe.what} should be ${probe.expected}, found: ${probe.found}`;
    look.couldNot({ sentence, expected: probe.expected, found: probe.found, next: 'firedrill doctor' });
  }
  return look.result();
}

/** A service of this machine on all its addresses: what a container on a bridge could reach through the gateway. */
async function openLure(): Promise<{ server: Server; connections: () => number }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '0.0.0.0', resolve));
  return { server, connections: () => connections };
}

async function bridgeGateway(docker: Docker): Promise<string | undefined> {
  const bridge = await dockerCall('inspect the bridge network', () => docker.getNetwork('bridge').inspect()).catch(
    (error: unknown) => {
      // An engine without a bridge has no gateway.
      if (statusCodeOf(error) === 404) return undefined;
      throw error;
    },
  );
  if (!bridge) return undefined;
  // The gateway is listed only where it was configured; else it is this machine's address on the bridge's device.
  const device = bridge.Options?.['com.docker.network.bridge.name'] ?? 'docker0';
  const own = networkInterfaces()[device]?.find((each) => each.family === 'IPv4')?.address;
  return bridge.IPAM?.Config?.[0]?.Gateway ?? own;
}

async function kernelProbes(pod: Host): Promise<ProbeRecord[]> {
  const devices = (await cat(pod, '/proc/net/dev')).split('\n').slice(2);
  const names = devices.map((line) => line.split(':')[0]?.trim() ?? '').filter((name) => name !== '');
  const routes = (await cat(pod, '/proc/net/route')).trim().split('\n').slice(1);
  const routes6 = (await cat(pod, '/proc/net/ipv6_route').catch(() => '')).trim().split('\n');
  const away = routes6.filter((line) => line !== '' && !line.trim().endsWith(' lo'));
  return [
    {
      what: 'network devices other than loopback',
      expected: 'absent',
      found: names.filter((name) => name !== 'lo').join(', ') || 'none',
      // No device at all would mean that the list was not read.
      ok: names.length === 1 && names[0] === 'lo',
    },
    {
      what: 'routes',
      expected: 'absent',
      found: [...routes, ...away].join('; ') || 'none',
      ok: routes.length + away.length === 0,
    },
  ];
}

/** The tool that tries to connect must be able to reach a network stack at all: a closed loopback port is *refused*. */
async function control(pod: Host): Promise<ProbeRecord> {
  const found = await connectFrom(pod, '127.0.0.1', '1');
  const ok = /refused/i.test(found);
  return {
    what: 'the probe itself, on loopback',
    expected: 'reachable',
    found: ok ? 'answered by the kernel' : found,
    ok,
  };
}

async function reach(pod: Host, address: string): Promise<ProbeRecord> {
  const at = address.lastIndexOf(':');
  const found = await connectFrom(pod, address.slice(0, at), address.slice(at + 1));
  return { what: address, expected: 'unreachable', found, ok: /unreachable|cannot assign/i.test(found) };
}

// bash where there is one (MySQL's and InfluxDB's images), else busybox's nc (Grafana's): both report the kernel's word.
const connectScript = `
if command -v bash >/dev/null; then timeout 5 bash -c 'exec 3<>"/dev/tcp/$1/$2" && echo connected' bash "$1" "$2" 2>&1
elif command -v nc >/dev/null; then nc -v -w 5 "$1" "$2" </dev/null 2>&1 && echo connected
else echo 'no tool to probe with'; fi; true`;

async function connectFrom(pod: Host, host: string, port: string): Promise<string> {
  const said = await outputOf(pod, { tool: 'sh', args: ['-c', connectScript, 'sh', host, port], deadlineMs: 15_000 });
  const reason =
    /(connected|network is unreachable|cannot assign requested address|connection refused|no tool to probe with|no route to host)/i;
  return (reason.exec(said)?.[1] ?? (said.trim() || 'no answer in 5 s')).toLowerCase();
}

async function lookUp(pod: Host, name: string, expected: boolean): Promise<ProbeRecord> {
  const script = 'timeout 10 getent hosts "$1"; true';
  const said = await outputOf(pod, { tool: 'sh', args: ['-c', script, 'sh', name], deadlineMs: 20_000 });
  const address = said.trim().split(/\s+/)[0] ?? '';
  const inPod = address === '127.0.0.1' || address === '::1';
  const ok = expected ? inPod : address === '' || inPod;
  return {
    what: `the name ${name}`,
    expected: expected ? 'reachable' : 'unreachable',
    found:
      address === ''
        ? 'does not resolve'
        : inPod
          ? `resolves to the pod itself (${address})`
          : `resolves to ${address}`,
    ok,
  };
}

function heard(connections: number): ProbeRecord {
  const found = connections === 0 ? 'none' : `${connections}`;
  return { what: 'connections heard by a service of this machine', expected: 'absent', found, ok: connections === 0 };
}

function cat(pod: Host, file: string): Promise<string> {
  return outputOf(pod, { tool: 'cat', args: [file], deadlineMs: 15_000 });
}
