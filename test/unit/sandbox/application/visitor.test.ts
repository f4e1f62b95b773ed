import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { FiredrillError } from '../../../../src/kit/errors.ts';
import { type Visit, Visitor } from '../../../../src/sandbox/application/visitor.ts';
import { rejectionOf } from '../../../support/rejection.ts';

const get: Visit = {
  ...{ method: 'GET', path: '/', headers: {}, body: undefined },
  ...{ followRedirects: true, withinMs: 20_000 },
};

async function visiting(server: Server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const open = async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };
  const visitor = new Visitor(port, open);
  const visit = (change: Partial<Visit> = {}, signal = new AbortController().signal) =>
    visitor.visit({ ...get, ...change }, signal);
  return { visit, port, [Symbol.asyncDispose]: async () => void server.close() };
}

const http = (answer: RequestListener) => visiting(createServer(answer));
const tcp = (answer: (socket: Socket) => void) =>
  visiting(createTcpServer((socket) => answer(socket.on('error', () => {}))));

describe('a visitor of an application', () => {
  it('asks as a browser would, and reads the page', async () => {
    const asked: unknown[] = [];
    await using server = await http((request, response) => {
      const { method, url, headers } = request;
      let body = '';
      request.on('data', (part) => (body += part));
      request.on('end', () => {
        asked.push([method, url, headers.host, headers['content-type'], headers['accept-encoding'], body]);
        response.writeHead(201).end('Tere õhtust');
      });
    });
    const headers = { 'Content-Type': 'text/plain' };
    const page = await server.visit({ method: 'POST', path: '/a?b=c', headers, body: 'õ' });
    expect(page).to.deep.equal({ status: 201, text: 'Tere õhtust' });
    expect(asked).to.deep.equal([['POST', '/a?b=c', `localhost:${server.port}`, 'text/plain', 'identity', 'õ']]);
  });

  it('follows redirects with its cookies: behind a form by GET, but for 307 and 308', async () => {
    const asked: unknown[] = [];
    const leads: Record<string, [number, string]> = {
      '/form': [303, '/list'],
      '/again': [307, 'list?x=1'],
      '/absolute': [302, 'http://127.0.0.1:PORT/list'],
    };
    await using server = await http((request, response) => {
      request.resume();
      const { method, url = '', headers } = request;
      asked.push([method, url, headers.cookie, headers['content-type']]);
      const [status, location] = leads[url] ?? [200, undefined];
      response.writeHead(status, {
        ...(location && { Location: location.replace('PORT', String(server.port)) }),
        'Set-Cookie': 'session=abc; HttpOnly',
      });
      response.end('there');
    });
    const post = { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: 'x' };
    for (const path of ['/form', '/again', '/absolute']) {
      expect(await server.visit({ ...post, path })).to.deep.equal({ status: 200, text: 'there' });
    }
    expect(asked).to.deep.equal([
      ['POST', '/form', undefined, 'text/plain'],
      ['GET', '/list', 'session=abc', undefined],
      ['POST', '/again', 'session=abc', 'text/plain'],
      ['POST', '/list?x=1', 'session=abc', 'text/plain'],
      ['POST', '/absolute', 'session=abc', 'text/plain'],
      ['GET', '/list', 'session=abc', undefined],
    ]);
    expect(await server.visit({ ...post, path: '/form', followRedirects: false })).to.include({ status: 303 });
  });

  it('goes nowhere else, and not in circles', async () => {
    let location = '/';
    await using server = await http((_, response) => response.writeHead(302, { Location: location }).end());
    expect(await server.visit()).to.deep.equal({ refusal: 'it redirects more than 5 times' });
    const elsewhere = ['http://example.com/', '//example.com/', `http://localhost:${server.port + 1}/`, 'file:///etc'];
    for (location of [...elsewhere, `https://localhost:${server.port}/`]) {
      expect(await server.visit()).to.deep.equal({
        refusal: `it sends to ${location}, which is not the application`,
      });
    }
  });

  it('reads no more than 4 MiB, and no more of headers than 64 KiB', async () => {
    let sentMiB = 0;
    await using endless = await http(async (_, response) => {
      const much = Buffer.alloc(1 << 20, 'x');
      for (; sentMiB < 1024 && !response.destroyed; sentMiB += 1) {
        if (response.write(much)) continue;
        await new Promise<void>((go) => response.once('drain', go).once('close', go));
      }
      response.end();
    });
    expect(await endless.visit()).to.deep.equal({ refusal: 'its answer is longer than 4.0 MiB' });
    expect(sentMiB).to.be.below(64);
    await using loud = await http((_, response) => response.writeHead(200, { 'X-Long': 'x'.repeat(70_000) }).end());
    expect(await loud.visit()).to.deep.equal({ refusal: 'what it says is no HTTP (Parse Error: Header overflow)' });
    await using packed = await http((_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('x'));
    expect(await packed.visit()).to.deep.equal({ refusal: 'its answer is packed (gzip), unasked' });
  });

  it('waits no longer than it may, also for the end of an answer', async () => {
    await using silent = await tcp(() => {});
    expect(await silent.visit({ withinMs: 200 })).to.deep.equal({ refusal: 'it took longer than 0.2 s' });
    await using slow = await tcp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const timer = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => clearInterval(timer));
    });
    expect(await slow.visit({ withinMs: 200 })).to.deep.equal({ refusal: 'it took longer than 0.2 s' });
  });

  it('says what is no answer', async () => {
    await using mail = await tcp((socket) => socket.end('220 mail.example.com ESMTP\r\n'));
    expect((await mail.visit()) as object)
      .to.have.property('refusal')
      .that.matches(/^what it says is no HTTP \(Parse Error/);
    await using mute = await tcp((socket) => socket.end());
    expect(await mute.visit()).to.deep.equal({ refusal: 'it closed the connection without an answer' });
    await using short = await tcp((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'));
    expect(await short.visit()).to.have.property('refusal');
    await using other = await tcp((socket) =>
      socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    );
    expect(await other.visit()).to.have.property('refusal');
  });

  it('tells an application that is not there from a world in which nobody can be asked', async () => {
    const refusing = (code: 'SOURCE_UNREACHABLE' | 'TOOL_MISSING' | 'DOCKER_UNAVAILABLE') =>
      new Visitor(1, () => Promise.reject(new FiredrillError(code, 'no'))).visit(get, new AbortController().signal);
    expect(await refusing('SOURCE_UNREACHABLE')).to.deep.equal({ refusal: 'nobody answers on its port' });
    expect(await rejectionOf(refusing('TOOL_MISSING'))).to.include({ code: 'SANDBOX_FAILED' });
    expect(await rejectionOf(refusing('DOCKER_UNAVAILABLE'))).to.include({ code: 'DOCKER_UNAVAILABLE' });
    await using silent = await tcp(() => {});
    const stop = new AbortController();
    const visit = rejectionOf(silent.visit({}, stop.signal));
    setTimeout(() => stop.abort(), 50);
    expect(await visit).to.include({ code: 'INTERRUPTED' });
  });
});
