import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FiredrillError } from '../../src/kit/errors.ts';
import { root } from '../image-choice.ts';
import type { DemoContext } from './demo-context.ts';
import { type DemoContainer, startContainer, untilReady } from './demo-docker.ts';

export const grafanaName = 'firedrill-demo-grafana';

const fixtures = join(root, 'fixtures/demo/grafana');

/** Starts Grafana on a copy of the sample database, with a configuration and a provisioning folder of its own. */
export async function startGrafana(context: DemoContext): Promise<DemoContainer> {
  const container = await startContainer(context.docker, {
    name: grafanaName,
    image: context.images.grafana,
    command: [],
    dataFolder: '/var/lib/grafana',
    files: {
      '/var/lib/grafana/grafana.db': await readFile(join(root, 'fixtures/grafana/grafana-7.5.5.db')),
      ...(await filesBelow(fixtures, '/etc/grafana')),
    },
  });
  await untilReady(context.docker, container, context.signal, async () => {
    const url = `http://${container.address}:3000/api/health`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    if (!answer.ok) throw new FiredrillError('SOURCE_UNREACHABLE', `${url} was answered with ${answer.status}`);
  });
  return container;
}

/** Somebody edits a dashboard and makes another one. */
export async function changeGrafana({ address }: DemoContainer, title: string): Promise<void> {
  const panel = {
    id: 1,
    type: 'text',
    title: 'What happened',
    options: { content: title },
    gridPos: { x: 0, y: 0, w: 24, h: 4 },
  };
  for (const dashboard of [
    { uid: 'notes', title: 'Notes of the week', panels: [panel] },
    { title: `Notes of ${title}`, panels: [panel] },
  ]) {
    const answer = await fetch(`http://${address}:3000/api/dashboards/db`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('admin:admin')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ dashboard, overwrite: true }),
      signal: AbortSignal.timeout(10_000),
    });
    if (!answer.ok)
      throw new FiredrillError('SOURCE_DENIED', `Grafana refused a dashboard: ${(await answer.text()).slice(0, 300)}`);
  }
}

async function filesBelow(folder: string, target: string): Promise<Record<string, Buffer>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [target + file.slice(folder.length), await readFile(file)] as const)),
  );
}
