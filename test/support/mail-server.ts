import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { scratchFolder } from './scratch.ts';

export interface ReceivedMail {
  /** As the envelope names them. */
  from: string;
  to: string[];
  raw: string;
  parsed: ParsedMail;
  /** Whether it came over TLS, and who had logged in. */
  secure: boolean;
  user: string | undefined;
}

/** What the server says in the place of yes, one for each time it is asked. */
export interface Says {
  /** To MAIL FROM. */
  sender?: (string | null)[];
  /** To RCPT TO, by address. */
  receivers?: Record<string, (string | null)[]>;
  /** To the end of the message. */
  message?: (string | null)[];
  /** Never answers so many first messages. */
  hangs?: number;
  /** Cuts the connection in the middle of so many first messages. */
  cuts?: number;
}

export interface MailServer extends AsyncDisposable {
  port: number;
  received: ReceivedMail[];
  /** Connections that were made. */
  connections: number;
  /** Messages that got no answer. */
  unanswered: number;
}

/** `451 4.7.1 later` as an error that the server answers with. */
function answer(text: string): Error {
  return Object.assign(new Error(text.replace(/^\d+ /, '')), { responseCode: Number(text.slice(0, 3)) });
}

/** A real SMTP server on loopback, which keeps and parses what it gets. Without options it offers neither TLS nor login. */
export async function startMailServer(says: Says = {}, options: SMTPServerOptions = {}): Promise<MailServer> {
  const state: Pick<MailServer, 'received' | 'connections' | 'unanswered'> = {
    ...{ received: [], connections: 0, unanswered: 0 },
  };
  let cuts = says.cuts ?? 0;
  let hangs = says.hangs ?? 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.secure || options.key ? [] : ['STARTTLS', 'AUTH'],
    hidePIPELINING: true,
    onConnect: (_, done) => {
      state.connections += 1;
      done();
    },
    onMailFrom: (_, __, done) => {
      const said = says.sender?.shift();
      done(said ? answer(said) : null);
    },
    onRcptTo: ({ address }, _, done) => {
      const said = says.receivers?.[address]?.shift();
      done(said ? answer(said) : null);
    },
    onData: (stream, session, done) => {
      if (cuts > 0) {
        cuts -= 1;
        for (const each of sockets) each.destroy();
        return;
      }
      void keep(stream, session).then((mail) => {
        if (hangs > 0) {
          hangs -= 1;
          state.unanswered += 1;
          return undefined;
        }
        const said = says.message?.shift();
        if (stream.sizeExceeded) return done(answer('552 5.3.4 too large'));
        if (said) return done(answer(said));
        state.received.push(mail);
        return done(null, 'kept');
      }, done);
    },
    ...options,
  });
  server.on('error', () => {});
  const sockets = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    get received() {
      return state.received;
    },
    get unanswered() {
      return state.unanswered;
    },
    get connections() {
      return state.connections;
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function keep(
  stream: AsyncIterable<Buffer>,
  session: { envelope: { mailFrom: unknown; rcptTo: { address: string }[] }; secure: boolean; user?: unknown },
): Promise<ReceivedMail> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const raw = Buffer.concat(chunks);
  const { mailFrom, rcptTo } = session.envelope;
  return {
    from: (mailFrom as { address: string }).address,
    to: rcptTo.map((each) => each.address),
    raw: raw.toString('utf8'),
    parsed: await simpleParser(raw),
    secure: session.secure,
    user: session.user as string | undefined,
  };
}

/** A certificate that a server has signed itself, for `localhost` and 127.0.0.1. */
export async function selfSigned(name = 'localhost'): Promise<{ key: string; cert: string }> {
  await using scratch = await scratchFolder();
  const [key, cert] = [join(scratch.path, 'key.pem'), join(scratch.path, 'cert.pem')];
  const alternative = `subjectAltName=DNS:${name},IP:127.0.0.1`;
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const about = ['-days', '2', '-subj', `/CN=${name}`, '-addext', alternative];
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert, ...about], { stdio: 'ignore' });
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}
