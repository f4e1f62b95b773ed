import type { ImageChoice } from '../image-choice.ts';
import { agamaName } from './agama.ts';
import type { DemoContainer } from './demo-docker.ts';
import { elsewhereName } from './demo-folder.ts';
import { grafanaName } from './grafana.ts';
import { influxdbName } from './influxdb.ts';

export interface DemoSources {
  agama: DemoContainer;
  influxdb: DemoContainer;
  grafana: DemoContainer;
}

/** The demo's firedrill.yaml: written to be read, since it is the first one that a user sees. */
export function demoConfig(choice: ImageChoice, sources: DemoSources, recipient: string): string {
  return `# Written by the demo, and anew by the next one. Every key is explained in docs/configuration.md.
version: 1
timeZone: UTC

# Backups are signed: a drill believes only what this key has made.
keys:
  private: keys/signing.key
  public: [keys/signing.pub]

vaults:
  onsite: { kind: directory, folder: vault }
  # The other place. What is copied there is encrypted: this machine has the public half of the escrow key only. A second
  # copy on the same disk protects from nothing, and has to be allowed: the demo has one machine.
  offsite:
    kind: directory
    folder: ${elsewhereName}/offsite
    recipients: [${recipient}]
    sameMachineAllowed: true

${whatAndHow(choice, sources)}
${demoApplication(choice, true)}reports:
  folder: reports
`;
}

/** The one file for the day that the building has burned: beside it there are the copies and the escrow key, and no secret. */
export function burnedConfig(choice: ImageChoice, sources: DemoSources, publicPem: string): string {
  const pem = publicPem.trim().split('\n').join('\n      ');
  return `# Written by the demo: all that another place needs, beside the copies and the escrow key, to bring the company back.
version: 1
timeZone: UTC

# The public key itself: whatever held it in a file has burned.
keys:
  public:
    - |
      ${pem}

vaults:
  offsite: { kind: directory, folder: offsite }

# The files of secrets are gone, and no drill needs them.
${whatAndHow(choice, sources)}  # The time that counts here is the restore's alone; nightly drills plant faults.
  planted: false

${demoApplication(choice, false)}reports:
  folder: reports
`;
}

/** The to-do application; its password has burned with the rest: there, an account is made for it. */
export function demoApplication(
  { application: image }: Pick<ImageChoice, 'application'>,
  withPassword: boolean,
): string {
  if (image === undefined) return '';
  const login = `
    # As itself: by its own account, as it was restored.
    logins:
      agama: { user: agama_app, password: { file: secrets/agama-app.txt } }`;
  return `# The company's to-do application is run on what came back: it must show, add, finish and find again.
applications:
  todo:
    image: ${image}
    env:
      PORT: '8080'
      MYSQL_HOST: \${agama.host}
      MYSQL_PORT: \${agama.port}
      MYSQL_USER: \${agama.user}
      MYSQL_PASSWORD: \${agama.password}
      MYSQL_DATABASE: \${agama.database}${withPassword ? login : ''}
    port: 8080
    ready: /health
    steps:
      - get: /
        contains: Things to do
      # A value that no drill before has had is written, and read back.
      - post: /items
        form: { value: '\${random}' }
      - post: /done
        form: { value: '\${random}' }
        contains: '<del>\${random}</del>'
      - get: /api/items
        at: /items/0/value
        equals: '\${random}'
      - get: /
        contains: '\${random}'

`;
}

/** What is the same in both: the services, and how they are drilled. */
function whatAndHow({ from, images }: ImageChoice, sources: DemoSources): string {
  const addresses = [
    `${sources.agama.address}:3306`,
    `${sources.influxdb.address}:8086`,
    `${sources.grafana.address}:3000`,
  ];
  const names = [agamaName, influxdbName, grafanaName];
  return `services:
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
      # Each drill logs in to the restored server as the application does; of the other one it looks whether it could.
      appAccounts:
        - { user: agama_app, password: { file: secrets/agama-app.txt } }
        - { user: reporter, host: 10.% }
    # What the company knows of its data: asked of each restored copy.
    checks:
      somebody has ordered in the last day:
        sql: SELECT COUNT(*) FROM agama.orders WHERE placed_at > NOW() - INTERVAL 1 DAY
        min: 1

  # Metrics and syslog of twelve machines.
  telegraf:
    engine: influxdb
    reach: { docker: ${influxdbName} }
    rpo: 1d
    retention: 56d
    settings: { database: telegraf, user: admin, password: { file: secrets/influxdb.txt } }
    checks:
      all twelve machines have reported in the last day:
        influxql: SELECT COUNT(n) FROM (SELECT LAST(usage_idle) AS n FROM cpu WHERE time > now() - 1d GROUP BY host)
        equals: 12

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
    checks:
      the notes can be opened:
        http: /api/dashboards/uid/notes
        at: /dashboard/title
        equals: Notes of the week

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
`;
}
