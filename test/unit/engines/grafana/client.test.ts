import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { askOrganisation } from '../../../../src/engines/grafana/checks/api-inventory.ts';
import { askVersion, GrafanaClient } from '../../../../src/engines/grafana/client.ts';
import { FiredrillError } from '../../../../src/kit/errors.ts';
import { rejectionOf } from '../../../support/rejection.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const never = new AbortController().signal;
const login = { username: 'admin', password: 'very-s3cret' };

/** A server of any manners on a unix socket, and a client for it. */
async function served<T>(
  answer: RequestListener,
  test: (client: GrafanaClient) => Promise<T>,
  signal = never,
): Promise<T> {
  await using scratch = await scratchFolder();
  const socket = join(scratch.path, 's.sock');
  const server = createServer(answer).listen(socket);
  await once(server, 'listening');
  try {
    return await test(new GrafanaClient(async () => socket, signal, login));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("the client of Grafana's API", () => {
  it('sends login and organisation, and returns status and JSON', async () => {
    const answer = await served(
      (request, response) =>
        response.writeHead(418).end(JSON.stringify({ url: request.url, headers: request.headers })),
      (client) => client.get('/api/search?limit=1', 7),
    );
    expect(answer.status).to.equal(418);
    const { url, headers } = answer.body as { url: string; headers: Record<string, string> };
    expect(url).to.equal('/api/search?limit=1');
    expect(headers['x-grafana-org-id']).to.equal('7');
    expect(headers.authorization).to.equal(`Basic ${Buffer.from('admin:very-s3cret').toString('base64')}`);
  });

  it('follows no redirect', async () => {
    const answer = await served(
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      (client) => client.get('/'),
    );
    expect(answer).to.deep.equal({ status: 302, body: undefined });
  });

  it('takes what is no JSON as no body', async () => {
    const answer = await served(
      (_, response) => response.end('<html>'),
      (client) => client.get('/'),
    );
    expect(answer).to.deep.equal({ status: 200, body: undefined });
  });

  const rude: [string, RequestListener][] = [
    [
      'breaks off',
      (_, response) => response.writeHead(200, { 'content-length': '100' }).write('x', () => response.destroy()),
    ],
    ['hangs up', (request) => request.socket.destroy()],
    ['talks without end', (_, response) => endless(response)],
    ['speaks another protocol', (request) => void request.socket.end('nonsense\r\n\r\n')],
  ];
  for (const [what, answer] of rude) {
    it(`is RESTORE_FAILED when the server ${what}, and the error holds no password`, async () => {
      const failure = await served(answer, (client) => rejectionOf(client.get('/api/x')));
      expect(failure).to.include({ code: 'RESTORE_FAILED' });
      expect(failure.message).to.match(/^the restored Grafana gave no answer to \/api\/x: /);
      expect(JSON.stringify([failure, failure.cause, failure.stack])).to.not.include(login.password);
    }).timeout(20_000);
  }

  it('is INTERRUPTED when the drill is', async () => {
    const stop = new AbortController();
    const failure = await served(
      () => stop.abort(),
      (client) => rejectionOf(client.get('/')),
      stop.signal,
    );
    expect(failure).to.include({ code: 'INTERRUPTED' });
  });

  it('passes on why there is no socket', async () => {
    const client = new GrafanaClient(() => Promise.reject(new FiredrillError('LIMIT_EXCEEDED', 'a link')), never);
    expect((await rejectionOf(client.get('/'))).code).to.equal('LIMIT_EXCEEDED');
  });
});

function endless(response: Parameters<RequestListener>[1]) {
  const megabyte = Buffer.alloc(1 << 20, 120);
  const more = () => response.destroyed || response.write(megabyte, more);
  more();
}

describe('the question for the version of a live Grafana', () => {
  const asked = async (answer: RequestListener) => {
    const server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const connection = connect((server.address() as AddressInfo).port, '127.0.0.1');
    try {
      return await askVersion({ connect: async () => connection, scheme: 'http', signal: never });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  };

  it('is answered by /api/health', async () => {
    expect(await asked((_, response) => response.end('{"database":"ok","version":"7.5.5"}'))).to.equal('7.5.5');
  });

  for (const body of ['{}', 'no json', '{"version":"latest"}', '{"version":7}']) {
    it(`is not answered by ${body}`, async () => {
      const failure = await rejectionOf(asked((_, response) => response.end(body)));
      expect(failure).to.include({ code: 'SOURCE_UNREACHABLE' });
    });
  }

  it('is not answered by a connection that ends', async () => {
    const connection = new PassThrough();
    connection.end();
    expect(
      (await rejectionOf(askVersion({ connect: async () => connection, scheme: 'http', signal: never }))).code,
    ).to.equal('SOURCE_UNREACHABLE');
  });
});

describe('the inventory through the API', () => {
  const items = Object.fromEntries(
    [
      'dashboards',
      'folders',
      'dataSources',
      'alerts',
      'channels',
      'alertRules',
      'contactPoints',
      'users',
      'teams',
      'playlists',
    ].map((kind) => [kind, []]),
  ) as never as Parameters<typeof askOrganisation>[1]['items'];
  const org = { id: 1, name: 'Main', items };

  it('reads page after page, to the first that is not full', async () => {
    const pages: string[] = [];
    const answers = await served(
      (request, response) => {
        const url = new URL(request.url ?? '', 'http://x');
        const page = Number(url.searchParams.get('page') ?? 1);
        if (url.searchParams.get('type') === 'dash-db') pages.push(String(page));
        const length = page < 3 ? 1000 : 17;
        response.end(JSON.stringify(Array.from({ length }, (_, i) => ({ uid: `${page}-${i}` }))));
      },
      (client) => askOrganisation(client, org, 7, 'admin'),
    );
    expect(pages).to.deep.equal(['1', '2', '3']);
    expect(answers.lists.dashboards).to.have.length(2017);
  });

  it('says which question was not answered, and goes on', async () => {
    const answers = await served(
      (request, response) =>
        request.url?.startsWith('/api/alerts')
          ? response.writeHead(500).end('{"message":"oh no"}')
          : response.end('[]'),
      (client) => askOrganisation(client, org, 7, 'admin'),
    );
    expect(answers.problems).to.deep.equal([
      'the restored server does not list the alerts of Main: it answers 500 oh no',
    ]);
    expect(answers.lists).to.not.have.property('alerts');
    expect(answers.lists.channels).to.deep.equal([]);
  });

  it('asks a newer Grafana for nothing that it no longer has', async () => {
    const asked: string[] = [];
    await served(
      (request, response) => {
        asked.push(request.url ?? '');
        response.end('[]');
      },
      (client) => askOrganisation(client, org, 10, 'admin'),
    );
    expect(asked.filter((url) => /alert|playlist/.test(url))).to.deep.equal([]);
    expect(asked).to.have.length(5);
  });

  it('takes 404 from Grafana 8 for alerts of the old kind, which its new alerting has replaced', async () => {
    const without = (major: number) =>
      served(
        ({ url = '' }, response) => {
          const body = url.startsWith('/api/teams') ? { teams: [] } : [];
          response.writeHead(url.startsWith('/api/alert') ? 404 : 200).end(JSON.stringify(body));
        },
        (client) => askOrganisation(client, org, major, 'admin'),
      );
    const eight = await without(8);
    expect(eight.problems).to.deep.equal([]);
    expect(eight.lists).to.not.have.any.keys('alerts', 'channels');
    expect(eight.lists.playlists).to.deep.equal([]);
    expect((await without(7)).problems).to.have.length(2);
  });

  it('leaves out the membership that only the drill has made', async () => {
    const logins = JSON.stringify([{ login: 'admin' }, { login: 'dora' }]);
    const answers = await served(
      (_, response) => response.end(logins),
      (client) => askOrganisation(client, org, 7, 'admin'),
    );
    expect(answers.lists.users).to.deep.equal(['dora']);
  });
});
