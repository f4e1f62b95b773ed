import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { expect } from 'chai';

const root = join(import.meta.dirname, '../..');

/** What each folder of src/ may import from (itself always). docs/design.md, "Layout". */
const mayImport: Record<string, readonly string[]> = {
  kit: [],
  model: ['kit'],
  hosts: ['model', 'kit'],
  config: ['model', 'kit'],
  engines: ['hosts', 'model', 'kit'],
  vault: ['hosts', 'model', 'kit'],
  sandbox: ['hosts', 'model', 'kit'],
  checks: ['model', 'kit'],
  report: ['hosts', 'model', 'kit'],
  notify: ['model', 'kit'],
  serve: ['report', 'model', 'kit'],
  saboteurs: ['vault', 'model', 'kit'],
  flow: ['saboteurs', 'engines', 'vault', 'sandbox', 'checks', 'report', 'notify', 'hosts', 'model', 'kit'],
  daemon: ['model', 'kit'],
  cli: [
    'daemon',
    'serve',
    'flow',
    'config',
    'engines',
    'vault',
    'sandbox',
    'checks',
    'report',
    'notify',
    'hosts',
    'model',
    'kit',
  ],
  '': ['cli'],
};

/** Each library has one importer: a file, or a folder that ends in `/`. */
const importers: Record<string, readonly string[]> = {
  dockerode: ['src/hosts/docker-client.ts'],
  ssh2: ['src/hosts/ssh-connection.ts', 'src/hosts/ssh.ts', 'src/hosts/sftp.ts', 'src/hosts/sftp-session.ts'],
  mysql2: ['src/engines/mysql/client.ts'],
  '@influxdata/influxdb-client': ['src/engines/influxdb/client.ts'],
  axios: ['src/engines/grafana/client.ts'],
  handlebars: ['src/report/'],
  echarts: ['src/report/chart/render-svg.ts'],
  '@resvg/resvg-js': ['src/report/chart/render-png.ts'],
  'dejavu-fonts-ttf': ['src/report/chart/render-png.ts'],
  nodemailer: ['src/notify/smtp.ts'],
  'prom-client': ['src/report/metrics-text.ts'],
  yaml: ['src/config/'],
  commander: ['src/cli/'],
  listr2: ['src/cli/'],
  'tar-stream': ['src/kit/tar.ts'],
  canonicalize: ['src/kit/json.ts'],
  'age-encryption': ['src/vault/age.ts'],
  'node:sqlite': ['src/engines/grafana/'],
  // Schemas of untrusted data stand beside the data that they judge.
  zod: ['src/config/', 'src/model/', 'src/engines/', 'src/daemon/memory-schema.ts'],
  'node-cron': ['src/daemon/ticker.ts'],
  pino: ['src/daemon/log.ts'],
  'p-map': ['src/cli/', 'src/engines/', 'src/flow/', 'src/vault/'],
};

interface Import {
  file: string;
  from: string;
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(/(?:from|import|require)\s*\(?\s*'([^']+)'/g);
  return [...found].map(([, from]) => ({ file, from: from ?? '' }));
}

const layerOf = (file: string) => (file.split('/').length === 2 ? '' : (file.split('/')[1] ?? ''));
const all = sources('src').flatMap(importsOf);

describe('architecture', () => {
  it('imports only downwards', () => {
    const wrong = all
      .filter(({ from }) => from.startsWith('.'))
      .map(({ file, from }) => ({ file, to: relative(root, normalize(join(root, dirname(file), from))) }))
      .filter(({ file, to }) => layerOf(file) !== layerOf(to) && !mayImport[layerOf(file)]?.includes(layerOf(to)));
    expect(wrong).to.deep.equal([]);
  });

  it('keeps the engines from one another', () => {
    const wrong = all.filter(({ file, from }) => {
      const [, folder, engine] = file.split('/');
      const to = relative(root, normalize(join(root, dirname(file), from))).split('/');
      const isEngineFile = folder === 'engines' && file.split('/').length === 4 && to.length === 4;
      return isEngineFile && to[1] === 'engines' && to[2] !== engine;
    });
    expect(wrong).to.deep.equal([]);
  });

  it('gives each library one importer', () => {
    const wrong = all.filter(({ file, from }) => {
      const library = Object.keys(importers).find((name) => from === name || from.startsWith(`${name}/`));
      const allowed = library && importers[library];
      return allowed && !allowed.some((place) => (place.endsWith('/') ? file.startsWith(place) : file === place));
    });
    expect(wrong).to.deep.equal([]);
  });

  it('names an importer for each dependency', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(Object.keys(dependencies).filter((name) => !importers[name])).to.deep.equal([]);
  });

  it('reads the environment in config only', () => {
    const wrong = sources('src').filter(
      (file) => !file.startsWith('src/config/') && readFileSync(join(root, file), 'utf8').includes('process.env'),
    );
    expect(wrong).to.deep.equal([]);
  });

  it('throws no bare Error', () => {
    const wrong = sources('src').filter((file) => /throw new Error\(/.test(readFileSync(join(root, file), 'utf8')));
    expect(wrong).to.deep.equal([]);
  });

  it('looks at real files', () => {
    expect(all.length).to.be.greaterThan(100);
  });
});
