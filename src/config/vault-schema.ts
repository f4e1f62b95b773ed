import { z } from 'zod';
import { days, port, size } from './scalars.ts';

const file = z.string().min(1);

/** How to log in at a machine behind ssh. */
export const sshLogin = {
  host: z.string().min(1).describe('name or address of the machine'),
  port: port.default(22).describe('of its ssh server'),
  user: z.string().min(1).describe('who logs in there'),
  identityFile: file.optional().describe('a private key; else the agent is asked'),
  agentSocket: file.optional().describe('the socket of an ssh agent'),
};

const knownHostsFile = file.describe('host keys that are trusted, in the format of OpenSSH');

export const ssh = z.strictObject({ ...sshLogin, knownHostsFile });

const recipient = z
  .string()
  .regex(/^age1(pq1|tag1|tagpq1)?[02-9ac-hj-np-z]{20,}$/, 'the public half of an age key, age1…, is expected');

/** Of every vault. */
const common = {
  recipients: z
    .array(recipient)
    .default([])
    .describe(
      'age public keys (age1…): what is written is encrypted to each of them, so that any of their private keys opens it; none: not encrypted',
    ),
  ageIdentityFile: file
    .optional()
    .describe(
      'a private age key, for a machine that drills from this vault; never on a machine that makes backups: there --identity is for the day',
    ),
  retention: days
    .optional()
    .describe('how long backups are kept in this vault, in whole days; absent: as each service says'),
  sameMachineAllowed: z
    .boolean()
    .default(false)
    .describe(
      'accept a second vault on the same disk or machine as the first, for trying things out; it protects from nothing',
    ),
};

export const vault = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('directory').describe('the kind of vault'),
    folder: file.describe('a folder of this machine; relative to this configuration'),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('sftp').describe('the kind of vault'),
    ...sshLogin,
    knownHostsFile: knownHostsFile.optional(),
    knownHosts: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('lines of such a file, in its place: so that this configuration is enough'),
    folder: file.describe("a folder there, as the account's SFTP shows it"),
    bandwidth: size.optional().describe('bytes per second, to and fro together, such as 2MiB; absent: no limit'),
    ...common,
  }),
]);

export const knownHostsRule = 'exactly one of knownHostsFile and knownHosts';

/** A host key is never accepted unseen, so that those that are known must be named: by a file, or by their lines. */
export function hasKnownHosts(raw: z.infer<typeof vault>): boolean {
  return raw.kind !== 'sftp' || (raw.knownHostsFile === undefined) !== (raw.knownHosts === undefined);
}
