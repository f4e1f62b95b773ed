import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { Readable } from 'node:stream';
import { z } from 'zod';
import type { Engine } from '../../src/engines/engine.ts';
import { outputOf, runToEnd } from '../../src/hosts/output.ts';
import { FiredrillError } from '../../src/kit/errors.ts';
import { Look } from '../../src/model/check.ts';
import { podDataFolder } from '../../src/model/sandbox.ts';
import { images } from './images.ts';

export interface FileSettings {
  content: string;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/**
 * The smallest engine there can be: a service is one text, "restored" into a file of a real container. With it the flows
 * are tested for themselves, in seconds.
 */
export const fileEngine: Engine<FileSettings> = {
  name: 'file',
  title: 'File',
  settings: z.custom<FileSettings>(),
  verifies: ['format'],
  drills: ['restore-run', 'content'],
  quietMs: 3_600_000,
  expectedIdentity: () => ({}),
  officialImage: () => images().influxdb,
  sameVersion: (recorded, found) => recorded === found,
  diagnose: async () => [],
  backupFull: async ({ settings }, sink) => {
    await sink.add('content.txt', 'data', 'zstd', Readable.from([Buffer.from(settings.content)]));
    const dataAt = new Date().toISOString();
    const facts = { sha256: sha256(settings.content), newest: dataAt };
    return { dataAt, engineVersion: '1.0', identity: {}, tools: {}, position: null, facts };
  },
  verify: async (member) => {
    for await (const _ of member.content('content.txt')) {
      // Decoding to the end is the check.
    }
    return [new Look('format', member.manifest.service, 'artifacts', 1).sawOne().result()];
  },
  restore: async ([full], bay, activity) => {
    if (!full) throw new FiredrillError('INTERNAL', 'nothing to restore');
    const server = await activity.native('start', () =>
      bay.start({
        entrypoint: ['sleep'],
        command: ['600'],
        env: {},
        tmpfs: {},
        capabilities: [],
        socket: null,
      }),
    );
    const args = ['-c', 'cat > "$1"', 'sh', `${podDataFolder}/content.txt`];
    const { signal } = activity;
    await runToEnd(server.host, { tool: 'sh', args, stdin: full.content('content.txt'), signal });
    await whileRestoring.current?.(activity.signal);
    await server.assertAlive();
    const results = [new Look('restore-run', full.manifest.service, 'stages', 1).sawOne().result()];
    return { server, engineVersion: '1.0', standIn: false, results };
  },
  check: async ([full], { server }) => {
    const facts = full?.manifest.facts as { sha256: string; newest: string };
    const found = sha256(await outputOf(server.host, { tool: 'cat', args: [`${podDataFolder}/content.txt`] }));
    const service = full?.manifest.service ?? '';
    const look = new Look('content', service, 'files', 1).sawOne().compare('SHA-256', facts.sha256, found);
    if (found !== facts.sha256) look.fail({ sentence: `${service}: the text is not the same` });
    return { results: [look.result()], newest: { at: facts.newest, basis: 'the text' } };
  },
};

/** A test's hook into the middle of a restore. */
export const whileRestoring: { current: ((signal: AbortSignal) => Promise<void>) | undefined } = { current: undefined };

/** A port on which nothing listens any more: connections to it are refused. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
