import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FiredrillError, messageOf, systemCode, unlessGone } from '../kit/errors.ts';
import { renderGameDays } from '../report/gameday/render-gamedays.ts';
import { runningGameDay, runningGameDayId } from '../report/gameday/running-gameday.ts';
import { gameDaysIn } from '../report/gameday/write-gameday.ts';
import { renderIndex } from '../report/render-index.ts';
import { answerHeaders } from './answer-headers.ts';
import { LiveEvents } from './live-events.ts';
import { livePage, liveScript } from './live-page.ts';
import { liveView } from './live-view.ts';
import { isOwnHost, type Route, reportFiles, routeOf } from './route.ts';
import { RunningDrills } from './running-drills.ts';

const address = '127.0.0.1';
const maxConnections = 64;
/** The index costs some hundred milliseconds: whoever loads it again and again gets the same one for so long. */
const indexMs = 2_000;

export interface ServedReports {
  reportsFolder: string;
  gameDaysFolder: string;
  /** An IANA name: days are reckoned there. */
  timeZone: string;
}

type FileRoute = Extract<Route, { kind: 'file' }>;

const plain = answerHeaders('text/plain; charset=utf-8', 'data');
const htmlType = 'text/html; charset=utf-8';

/** Serves reports on the loopback address, read-only, until it is disposed of. */
export class ReportServer implements AsyncDisposable {
  readonly #served: ServedReports;
  readonly #server: Server;
  readonly #drills: RunningDrills;
  readonly #events: LiveEvents;
  #index: { page: Promise<string>; atMs: number } | undefined;

  private constructor(served: ServedReports) {
    this.#served = served;
    this.#drills = new RunningDrills(served.reportsFolder);
    this.#events = new LiveEvents(() => this.#live());
    const limits = { headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 5_000 };
    this.#server = createServer(limits, (request, response) => void this.#answer(request, response));
    this.#server.maxConnections = maxConnections;
  }

  /** LISTEN_FAILED when it cannot listen there. `port` 0: any that is free. */
  static async start(served: ServedReports, port: number): Promise<ReportServer> {
    const reports = new ReportServer(served);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    reports.#server.once('error', reject).listen(port, address, resolve);
    await promise.catch((error: unknown) => {
      const sentence = `cannot listen at ${address}:${port} (${systemCode(error) ?? messageOf(error)})`;
      const hint = 'Name another port: firedrill serve --port <number>';
      throw new FiredrillError('LISTEN_FAILED', sentence, { hint, cause: error });
    });
    return reports;
  }

  get url(): string {
    return `http://${address}:${(this.#server.address() as AddressInfo).port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#events[Symbol.dispose]();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
    await this.#drills[Symbol.asyncDispose]();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (!isOwnHost(request.rawHeaders)) {
        return refuse(response, 421, 'This server answers to 127.0.0.1 and localhost only.');
      }
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.setHeader('Allow', 'GET, HEAD');
        return refuse(response, 405, 'Nothing can be changed here.');
      }
      await this.#serve(routeOf(request.url ?? ''), request.method === 'HEAD', response);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, error instanceof FiredrillError ? error.message : 'This could not be read.');
    }
  }

  async #serve(route: Route, headOnly: boolean, response: ServerResponse): Promise<void> {
    const send = (policy: 'page' | 'live', type: string, text: string) => {
      response.writeHead(200, answerHeaders(type, policy)).end(headOnly ? undefined : text);
    };
    switch (route.kind) {
      case 'index':
        return send('page', htmlType, await this.#indexPage());
      case 'live':
        return send('live', htmlType, livePage(await this.#live()));
      case 'game-days':
        return send('page', htmlType, renderGameDays(await gameDaysIn(this.#served.gameDaysFolder)));
      case 'script':
        return send('live', 'text/javascript; charset=utf-8', liveScript);
      case 'icon':
        response.writeHead(204, plain).end();
        return;
      case 'events':
        if (this.#events.isFull) return refuse(response, 503, 'Too many are watching.');
        if (headOnly) return void response.writeHead(200, plain).end();
        return this.#events.add(response);
      case 'file':
        return this.#file(route, headOnly, response);
      case 'none':
        return refuse(response, 404, 'There is no such page.');
    }
  }

  async #indexPage(): Promise<string> {
    const drills = (await this.#drills.look()).some(({ state }) => state === 'running');
    const running = drills || (await runningGameDayId(this.#served.gameDaysFolder)) !== undefined;
    if (!this.#index || performance.now() - this.#index.atMs > indexMs) {
      const { reportsFolder, timeZone } = this.#served;
      const page = renderIndex(reportsFolder, { timeZone, now: new Date(), liveHref: running ? '/live' : '' });
      this.#index = { page, atMs: performance.now() };
      page.catch(() => {
        this.#index = undefined;
      });
    }
    return this.#index.page;
  }

  async #live() {
    return liveView(await this.#drills.look(), new Date(), await runningGameDay(this.#served.gameDaysFolder));
  }

  async #file({ of, folder, name }: FileRoute, headOnly: boolean, response: ServerResponse): Promise<void> {
    const { reportsFolder, gameDaysFolder } = this.#served;
    const handle = await openReport(join(of === 'drill' ? reportsFolder : gameDaysFolder, folder), name);
    if (!handle) return refuse(response, 404, 'There is no such report.');
    try {
      const { size } = await handle.stat();
      response.writeHead(200, {
        ...answerHeaders(reportFiles[name], name === 'report.html' ? 'page' : 'data'),
        'Content-Length': size,
      });
      if (headOnly || size === 0) response.end();
      // No more than was promised, should it grow.
      else await pipeline(handle.createReadStream({ autoClose: false, start: 0, end: size - 1 }), response);
    } finally {
      await handle.close();
    }
  }
}

/** undefined when it is not there, or is a link: only what drills have written is served. */
async function openReport(folder: string, name: string): Promise<FileHandle | undefined> {
  const about = await unlessGone(lstat(folder));
  if (!about?.isDirectory()) return undefined;
  try {
    const handle = await open(join(folder, name), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    return undefined;
  } catch (error) {
    if (['ENOENT', 'ELOOP'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, plain).end(`${sentence}\n`);
}
