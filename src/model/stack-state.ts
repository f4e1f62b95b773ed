import { z } from 'zod';

const text = z.string();
const record = z.record(z.string(), z.string());

const service = z.strictObject({
  service: text,
  engine: text,
  title: text,
  container: text,
  replica: text.nullable(),
  image: text,
  engineVersion: text,
  standIn: z.boolean(),
});

const machine = z.strictObject({
  service: text,
  role: z.enum(['first', 'replica']),
  index: z.int().min(0),
  user: text,
  initialise: text,
  plan: z.strictObject({
    name: text,
    image: text,
    dataFolder: text,
    env: record,
    start: text,
    files: record,
    limits: z.strictObject({ memoryBytes: z.number(), pids: z.number(), cpus: z.number() }),
  }),
});

const probe = z.strictObject({
  what: text,
  expected: z.enum(['unreachable', 'reachable', 'absent']),
  found: text,
  ok: z.boolean(),
});

/** What another process needs to work with a game day's stack that was raised. It holds secrets: mode 0600. */
export const stackState = z.strictObject({
  format: z.literal('firedrill-stack'),
  version: z.literal(1),
  id: text,
  expires: z.iso.datetime(),
  services: z.array(service),
  machines: z.array(machine),
  isolation: z.array(probe),
});

export type StackState = z.infer<typeof stackState>;
export type MachineState = z.infer<typeof machine>;
