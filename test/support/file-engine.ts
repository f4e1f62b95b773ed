import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { Readable } from 'node:stream';
import { z } from 'zod';
import type { Engine } from '../../src/engines/engine.ts';
import { outputOf, runToEnd } from '../../src/hosts/output.ts';
import type { Activity } from '../../src/kit/activity.ts';
import { FiredrillError } from '../../src/kit/errors.ts';
import type { Link } from '../../src/model/chain.ts';
import { Look } from '../../src/model/check.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { ArtifactSink, DumpRecord, OpenMember } from '../../src/model/member.ts';
import { answerOfRows } from '../../src/model/own-check.ts';
import { podDataFolder } from '../../src/model/sandbox.ts';
import { images } from './images.ts';

export interface FileSettings {
  content: string;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

interface FilePosition {
  from: number;
  to: number;
}

const positionOf = (manifest: Manifest) => manifest.position as unknown as FilePosition;

async function dump(text: string, from: number, sink: ArtifactSink, { clock }: Activity): Promise<DumpRecord> {
  await sink.add('content.txt', 'data', 'zstd', Readable.from([Buffer.from(text.slice(from))]));
  const dataAt = clock.now().toISOString();
  const position = { from, to: text.length };
  return {
    dataAt,
    engineVersion: '1.0',
    identity: {},
    tools: {},
    position,
    facts: { sha256: sha256(text), newest: dataAt },
  };
}

/**
 * The smallest engine there can be: a service is one text that grows, "restored" into a file of a real container. With
 * it the flows are tested for themselves, in seconds.
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
  backupFull: ({ settings }, sink, activity) => dump(settings.content, 0, sink, activity),
  increments: {
    dependence: 'previous',
    anyInstant: false,
    backup: ({ settings }, chain, sink, activity) => {
      const { to } = positionOf((chain.at(-1) as Link).manifest);
      if (settings.content.length < to) throw new FiredrillError('CHAIN_BROKEN', 'the text has become shorter');
      return dump(settings.content, to, sink, activity);
    },
    discontinuity: (before, next) => {
      const [{ to }, { from }] = [positionOf(before), positionOf(next)];
      return from === to ? undefined : `it begins at ${from}`;
    },
  },
  verify: async (member) => {
    for await (const _ of member.content('content.txt')) {
      // Decoding to the end is the check.
    }
    return [new Look('format', member.manifest.service, 'artifacts', 1).sawOne().result()];
  },
  restore: async (chain, bay, activity) => {
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
    const args = ['-c', 'cat >> "$1"', 'sh', `${podDataFolder}/content.txt`];
    const { signal } = activity;
    for (const member of chain) {
      await runToEnd(server.host, { tool: 'sh', args, stdin: member.content('content.txt'), signal });
    }
    await whileRestoring.current?.(activity.signal, bay.service);
    await server.assertAlive();
    const results = [new Look('restore-run', bay.service, 'stages', 1).sawOne().result()];
    return { server, engineVersion: '1.0', standIn: false, results };
  },
  check: async (chain, { server }) => {
    const { manifest } = chain.at(-1) as OpenMember;
    const facts = manifest.facts as { sha256: string; newest: string };
    const found = sha256(await outputOf(server.host, { tool: 'cat', args: [`${podDataFolder}/content.txt`] }));
    const { service } = manifest;
    const look = new Look('content', service, 'files', 1).sawOne().compare('SHA-256', facts.sha256, found);
    if (found !== facts.sha256) look.fail({ sentence: `${service}: the text is not the same` });
    return { results: [look.result()], newest: { at: facts.newest, basis: 'the text' } };
  },
  holds: (manifest) => ({ count: positionOf(manifest).to, unit: 'characters' }),
  questions: {
    keys: { part: z.enum(['text', 'now']) },
    open: async (_chain, { server }, now) => ({
      ask: async (question) => {
        if ((question as { part: string }).part === 'now') return answerOfRows([[now.toISOString()]]);
        const text = await outputOf(server.host, { tool: 'cat', args: [`${podDataFolder}/content.txt`] });
        return answerOfRows([[text]]);
      },
      [Symbol.asyncDispose]: async () => {},
    }),
    openLive: ({ settings }) => ({
      ask: async () => answerOfRows([[settings.content]]),
      [Symbol.asyncDispose]: async () => {},
    }),
  },
};

/** A test's hook into the middle of a restore. */
export const whileRestoring: { current: ((signal: AbortSignal, service: string) => Promise<void>) | undefined } = {
  current: undefined,
};

/** A port on which nothing listens any more: connections to it are refused. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
