import { createServer } from 'node:net';
import { expect } from 'chai';
import type { SmtpServer } from '../../../src/notify/message.ts';
import { trySending } from '../../../src/notify/smtp.ts';
import { hostileNames } from '../../support/hostile.ts';
import { type MailServer, selfSigned, startMailServer } from '../../support/mail-server.ts';
import { sampleMessage, sampleServer } from '../../support/message.ts';

const boss = ['boss@example.com'];

/** Against a server that offers TLS with a certificate of its own, and a login. */
async function sendSafely(change: Partial<SmtpServer>, options: { secure?: boolean; name?: string } = {}) {
  const { key, cert } = await selfSigned(options.name);
  const login = (user: { username?: string | null | undefined; password?: string | null | undefined }) =>
    user.username === 'drill' && user.password === 's3cret';
  await using server = await startMailServer(
    {},
    {
      ...{ key, cert, secure: options.secure ?? false },
      onAuth: (auth, _, done) =>
        login(auth) ? done(null, { user: 'drill' }) : done(new Error('Invalid username or password')),
    },
  );
  const attempt = await trySending(sampleServer(server.port, { ca: [cert], ...change }), sampleMessage(), boss);
  return { attempt, received: server.received };
}

const codesOf = ({ refused }: Awaited<ReturnType<typeof trySending>>) =>
  refused.map(({ error, again }) => [error.code, again]);

describe('trySending', function () {
  this.timeout(20_000);

  describe('what arrives', () => {
    let server: MailServer;
    beforeEach(async () => {
      server = await startMailServer();
    });
    afterEach(() => server[Symbol.asyncDispose]());

    it('is text and HTML side by side, with images inside and the report attached', async () => {
      const attempt = await trySending(sampleServer(server.port), sampleMessage({ urgent: true }), boss);
      expect(attempt).to.deep.equal({ accepted: boss, reply: '250 kept', refused: [] });
      const [mail] = server.received;
      expect(mail?.parsed).to.include({
        subject: 'PASS 3m12s of 30m · data to 01:30 · 4/4 services',
        messageId: '<1@example.com>',
      });
      expect(mail?.parsed.text).to.contain('All is well.');
      expect(mail?.parsed.from?.text).to.equal('"Firedrill" <drill@example.com>');
      expect(mail?.parsed.date?.toISOString()).to.equal('2026-11-22T02:20:00.000Z');
      expect(mail?.parsed.headers.get('priority')).to.equal('high');
      expect(mail?.parsed.headers.get('auto-submitted')).to.equal('auto-generated');
      const [image, report] = mail?.parsed.attachments ?? [];
      expect(image).to.include({ cid: 'chart@firedrill', contentType: 'image/png', related: true });
      expect(image?.content.toString()).to.equal('png');
      expect(report).to.include({
        filename: '20261122T021500Z-nightly.html',
        contentType: 'text/html',
      });
      expect(report?.content.toString()).to.equal('<h1>Õ</h1>');
    });

    it('has exactly its own headers, whatever stands in subject, names and report', async () => {
      for (const name of hostileNames) {
        const message = sampleMessage({
          ...{ subject: name, text: name, from: { name, address: 'drill@example.com' } },
          to: [{ name, address: 'boss@example.com' }],
          attachment: { filename: name, content: Buffer.from(name) },
        });
        await trySending(sampleServer(server.port), message, boss);
      }
      expect(server.received).to.have.length(hostileNames.length);
      for (const { to, parsed } of server.received) {
        expect(to).to.deep.equal(boss);
        expect([...parsed.headers.keys(), 'subject']).to.include.members(headers);
        expect([...parsed.headers.keys()].filter((each) => !headers.includes(each))).to.deep.equal([]);
        expect(parsed.bcc).to.equal(undefined);
        expect(parsed.attachments).to.have.length(2);
      }
    });

    it('goes to addresses of other languages: letters before the @, and domains', async () => {
      const to = ['jürgen@bücher.example', 'õun@example.com'];
      const message = sampleMessage({ to: to.map((address) => ({ name: 'Jürgen Õun', address })) });
      const attempt = await trySending(sampleServer(server.port), message, to);
      expect(attempt.accepted).to.deep.equal(to);
      expect(server.received[0]?.to).to.deep.equal(to);
      const shown = server.received[0]?.parsed.to;
      const values = (Array.isArray(shown) ? shown : [shown]).flatMap((each) => each?.value ?? []);
      expect(values.map((each) => each.name)).to.deep.equal(['Jürgen Õun', 'Jürgen Õun']);
      expect(values[1]?.address).to.equal('õun@example.com');
    });

    it('goes to domains of other languages on servers of old, as ASCII', async () => {
      await trySending(sampleServer(server.port), sampleMessage(), ['boss@bücher.example']);
      expect(server.received[0]?.to).to.deep.equal(['boss@bücher.example']);
      const message = sampleMessage({ to: [{ name: '', address: 'boss@bücher.example' }] });
      await trySending(sampleServer(server.port), message, ['boss@bücher.example']);
      expect(server.received[1]?.raw).to.match(/^To: boss@xn--bcher-kva\.example\r$/m);
    });

    it('may be a report of 20 MB', async () => {
      const content = Buffer.alloc(20 * 1024 ** 2, 'every table of the backup\n');
      const attempt = await trySending(
        sampleServer(server.port, { timeLimitMs: 10_000 }),
        sampleMessage({ attachment: { filename: 'report.html', content } }),
        boss,
      );
      expect(attempt.refused).to.deep.equal([]);
      expect(server.received[0]?.parsed.attachments[1]?.content.equals(content)).to.equal(true);
    });
  });

  describe('what a server says', () => {
    const said = async (says: Parameters<typeof startMailServer>[0], to = boss) => {
      await using server = await startMailServer(says);
      return await trySending(sampleServer(server.port), sampleMessage(), to);
    };

    it('4xx puts off, 5xx refuses: to the sender, to a receiver, to the message', async () => {
      for (const where of ['sender', 'message'] as const) {
        expect(codesOf(await said({ [where]: ['451 4.7.1 come back later'] }))).to.deep.equal([['MAIL_REFUSED', true]]);
        expect(codesOf(await said({ [where]: ['554 5.7.1 spam'] }))).to.deep.equal([['MAIL_REFUSED', false]]);
      }
      const receivers = (reply: string) => ({ receivers: { 'boss@example.com': [reply] } });
      expect(codesOf(await said(receivers('450 4.2.0 greylisted')))).to.deep.equal([['MAIL_REFUSED', true]]);
      const refused = await said(receivers('550 5.1.1 no such mailbox'));
      expect(codesOf(refused)).to.deep.equal([['MAIL_REFUSED', false]]);
      expect(refused.refused[0]?.error.detail.join()).to.contain('550 5.1.1 no such mailbox');
    });

    it('can differ by receiver', async () => {
      const to = ['a@example.com', 'b@bücher.example', 'c@example.com'];
      const attempt = await said(
        { receivers: { 'b@bücher.example': ['550 nobody'], 'c@example.com': ['450 later'] } },
        to,
      );
      expect(attempt.accepted).to.deep.equal(['a@example.com']);
      expect(attempt.refused.map(({ address, again }) => [address, again])).to.deep.equal([
        ['b@bücher.example', false],
        ['c@example.com', true],
      ]);
    });

    it('can be that the message is too large, before it is sent or after', async () => {
      await using told = await startMailServer({}, { size: 100 });
      const before = await trySending(sampleServer(told.port), sampleMessage(), boss);
      expect(before.refused).to.have.length(1);
      expect(before.refused[0]).to.include({ again: false, tooLarge: true });
      expect((await said({ message: ['552 5.3.4 too large'] })).refused[0]).to.include({ tooLarge: true });
    });

    it('is one line without control characters, however it was meant', async () => {
      const { refused } = await said({ sender: ['554 \u001b[2Jowned\u0007'] });
      expect(refused[0]?.error.detail.join()).to.match(/^[\x20-\x7e]*owned[\x20-\x7e]*$/);
    });

    it('can be nothing: cut in the middle, silent, or not there at all', async () => {
      expect(codesOf(await said({ cuts: 1 }))).to.deep.equal([['MAIL_UNREACHABLE', true]]);
      await using silent = await deaf();
      const started = performance.now();
      const attempt = await trySending(sampleServer(silent.port, { timeLimitMs: 300 }), sampleMessage(), boss);
      expect(codesOf(attempt)).to.deep.equal([['MAIL_UNREACHABLE', true]]);
      expect(performance.now() - started).to.be.lessThan(5_000);
      const { port } = await using(await deaf());
      expect(codesOf(await trySending(sampleServer(port), sampleMessage(), boss))).to.deep.equal([
        ['MAIL_UNREACHABLE', true],
      ]);
    });
  });

  describe('the way there', () => {
    const login = { user: 'drill', password: 's3cret' };

    it('is protected by STARTTLS, or from the first byte, and then somebody may log in', async () => {
      for (const [tls, secure] of [
        ['starttls', false],
        ['implicit', true],
      ] as const) {
        const { attempt, received } = await sendSafely({ tls, login }, { secure });
        expect(attempt.refused).to.deep.equal([]);
        expect(received[0]).to.include({ secure: true, user: 'drill' });
      }
    });

    it('is not taken where a wrong password is answered, and that password appears nowhere', async () => {
      const { attempt, received } = await sendSafely({
        tls: 'starttls',
        login: { user: 'drill', password: 'hunter2' },
      });
      expect(codesOf(attempt)).to.deep.equal([['MAIL_DENIED', false]]);
      expect(attempt.refused[0]?.error.message).to.match(/does not let drill log in$/);
      expect(JSON.stringify(attempt) + attempt.refused[0]?.error.stack).to.not.match(/hunter2|aHVudGVyMg/);
      expect(received).to.deep.equal([]);
    });

    it('is not taken where the certificate is not trusted, or is another machine’s', async () => {
      const unknown = await sendSafely({ tls: 'starttls', ca: undefined });
      expect(codesOf(unknown.attempt)).to.deep.equal([['MAIL_UNSAFE', false]]);
      expect(unknown.received).to.deep.equal([]);
      const implicit = await sendSafely({ tls: 'implicit', ca: undefined }, { secure: true });
      expect(codesOf(implicit.attempt)).to.deep.equal([['MAIL_UNSAFE', false]]);
      const other = await sendSafely({ tls: 'starttls', host: 'localhost' }, { name: 'other.example' });
      expect(codesOf(other.attempt)).to.deep.equal([['MAIL_UNSAFE', false]]);
    });

    it('is not taken where STARTTLS is demanded and not offered; where it need not be, it is', async () => {
      await using server = await startMailServer();
      const send = (tls: SmtpServer['tls']) => trySending(sampleServer(server.port, { tls }), sampleMessage(), boss);
      expect(codesOf(await send('starttls'))).to.deep.equal([['MAIL_UNSAFE', false]]);
      expect(codesOf(await send('implicit'))).to.deep.equal([['MAIL_UNSAFE', false]]);
      expect(server.received).to.deep.equal([]);
      expect((await send('opportunistic')).accepted).to.deep.equal(boss);
      expect(server.received[0]).to.include({ secure: false });
      expect((await sendSafely({ tls: 'opportunistic' })).received[0]).to.include({ secure: true });
    });
  });
});

const headers = [
  ...[
    'from',
    'to',
    'subject',
    'date',
    'message-id',
    'mime-version',
    'content-type',
    'auto-submitted',
    'x-auto-response-suppress',
  ],
];

/** Listens, and says nothing. */
async function deaf() {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** What a thing was, after it has ended. */
async function using<T extends AsyncDisposable>(thing: T): Promise<T> {
  await thing[Symbol.asyncDispose]();
  return thing;
}
