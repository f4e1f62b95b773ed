import type { ImageChoice } from '../image-choice.ts';
import { agamaName } from './agama.ts';
import type { DemoContainer } from './demo-docker.ts';
import { grafanaName } from './grafana.ts';
import { influxdbName } from './influxdb.ts';

export interface DemoSources {
  agama: DemoContainer;
  influxdb: DemoContainer;
  grafana: DemoContainer;
}

/** The demo's firedrill.yaml: written to be read, since it is the first one that a user sees. */
export function demoConfig({ from, images }: ImageChoice, sources: DemoSources): string {
  const addresses = [
    `${sources.agama.address}:3306`,
    `${sources.influxdb.address}:8086`,
    `${sources.grafana.address}:3000`,
  ];
  const names = [agamaName, influxdbName, grafanaName];
  return `# Written by the demo, and anew by the next one. Every key is explained in docs/configuration.md.
version: 1
timeZone: UTC

# Backups are signed: a drill believes only what this key has made.
keys:
  private: keys/signing.key
  public: [keys/signing.pub]

vaults:
  onsite: { kind: directory, folder: vault }

services:
  # A to-do application's customer data.
  agama:
    engine: mysql
    reach: { docker: ${agamaName} }
    rpo: 1h
    retention: 56d
    settings:
      databases: [agama]
      user: firedrill
      password: { file: secrets/agama.txt }
      newest: [orders.placed_at, payments.received_at]
      digestTables: [item]

  # Metrics and syslog of twelve machines.
  telegraf:
    engine: influxdb
    reach: { docker: ${influxdbName} }
    rpo: 1d
    retention: 56d
    settings: { database: telegraf, user: admin, password: { file: secrets/influxdb.txt } }

  # How long the network takes to nine places.
  latency:
    engine: influxdb
    reach: { docker: ${influxdbName} }
    rpo: 1d
    retention: 28d
    settings: { database: latency, user: admin, password: { file: secrets/influxdb.txt } }

  # Dashboards change only when somebody edits them.
  grafana:
    engine: grafana
    reach: { docker: ${grafanaName} }
    rpo: 1d
    retention: 28d
    quiet: any
    settings:
      database: /var/lib/grafana/grafana.db
      files: [/etc/grafana]

drill:
  # All four services together must be back within this time.
  rto: 30m
  # The images that this machine's set-up chose.
  images: { mysql: '${images.mysql}', influxdb: '${images.influxdb}', grafana: '${images.grafana}' }
  pull: ${from === 'official' ? 'missing' : 'never'}
  # "Production" is the demo's own sources: each drill asserts from inside that a restored copy cannot reach them.
  isolation:
    addresses: [${addresses.map((address) => `'${address}'`).join(', ')}]
    names: [${names.join(', ')}]
  # Grafana's data sources go by these names; in the sealed pod they mean the pod itself.
  loopbackNames: [influxdb.internal, mysql.internal, prometheus.internal, lab-prom.internal]

reports:
  folder: reports
`;
}
