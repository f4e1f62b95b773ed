import { z } from 'zod';
import { parseMailAddress } from '../model/mail-address.ts';
import { secretSchema } from '../model/secret.ts';
import { duration, port, size } from './scalars.ts';

const file = z.string().min(1);

const addressText = 'an address such as ops@example.com, or Ops <ops@example.com>';

const address = z
  .string(addressText)
  .max(400)
  .transform((text, context) => {
    const parsed = parseMailAddress(text);
    if (parsed) return parsed;
    context.addIssue({ code: 'custom', message: addressText });
    return z.NEVER;
  });

const urlText = 'a URL such as https://example.com/ping, or where it is kept: { file } or { env }';

/** Whoever knows the address of a webhook can often write there: it may be kept like a secret. */
const url = z.union([z.string(urlText).regex(/^https?:\/\/[^\s/]\S*$/, urlText), secretSchema]);

/** In the order of the week. */
export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

export const tlsModes = ['starttls', 'implicit', 'opportunistic', 'none'] as const;

const smtp = z
  .strictObject({
    host: z.string().min(1).describe('the mail server'),
    port: port.default(587).describe('of the mail server'),
    tls: z
      .enum(tlsModes)
      .default('starttls')
      .describe(
        'starttls: demanded, or nothing is sent; implicit: from the first byte, as on port 465; opportunistic: where it is offered; none',
      ),
    ca: file
      .optional()
      .describe(
        'certificates in PEM form that are trusted beside those of the system, such as of a server that signed its own',
      ),
    user: z.string().min(1).optional().describe('who logs in there'),
    password: secretSchema.optional().describe("that user's password"),
    timeLimit: duration.prefault('1m').describe('how long the server may be silent'),
  })
  .describe('how mail is sent')
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    error: 'a user with a password, or neither',
    path: ['user'],
  })
  .refine(({ user, tls, host }) => user === undefined || ['starttls', 'implicit'].includes(tls) || isLoopback(host), {
    error: 'starttls or implicit, where somebody logs in: else the password could be sent in clear',
    path: ['tls'],
  });

export const isLoopback = (host: string) => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);

export const mail = z.strictObject({
  from: address.describe('the sender'),
  to: z.array(address).min(1).max(50).describe('who gets the reports'),
  responsible: z
    .string()
    .min(1)
    .max(100)
    .default('the administrator')
    .describe('who must act when a drill fails, as the mail names them'),
  on: z
    .enum(['always', 'failure'])
    .default('always')
    .describe('after which drills a mail is sent; failure: those that did not pass'),
  digest: z
    .enum(weekdays)
    .optional()
    .describe('the day on which the daemon sends `firedrill report digest`, at 8:00; absent: never'),
  attachmentLimit: size.prefault('10MiB').describe('a larger report is not attached: the mail says where it lies'),
  patience: duration
    .prefault('10m')
    .describe('for how long a mail is tried again that the server has put off, or that it could not be reached for'),
  smtp,
});

const pingText = (job: string) => `of ${job}: <url>/start, then <url> or <url>/fail, as healthchecks understands them`;

export const notify = z.strictObject({
  pings: z
    .strictObject({
      drill: url.describe(pingText('drills')),
      backup: url.describe(pingText('backups')),
      sync: url.describe(pingText('copies to the other vaults')),
      expire: url.describe(pingText('expiries')),
    })
    .partial()
    .optional()
    .describe(
      "a dead man's switch for each kind of job: an observer elsewhere that raises the alarm when nothing is heard",
    ),
  webhook: z
    .strictObject({
      url: url.describe('gets JSON by POST'),
      token: secretSchema.optional().describe('sent as Authorization: Bearer'),
      on: z
        .enum(['always', 'failure'])
        .default('failure')
        .describe('failure: a drill that did not pass, a job that broke, a mail that was refused'),
    })
    .optional()
    .describe('for chats and alarms'),
  textfile: z
    .string()
    .regex(/^.+\.prom$/, 'a file whose name ends in .prom')
    .optional()
    .describe("metrics for node_exporter's textfile collector; relative to this configuration"),
  metrics: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('where it listens; whoever reaches it can read them'),
      port: port.default(9477).describe('where it listens'),
    })
    .optional()
    .describe('where the daemon, or `firedrill metrics --listen`, serves metrics for Prometheus over HTTP'),
  timeLimit: duration.prefault('10s').describe('of each ping and each call of the webhook'),
});
