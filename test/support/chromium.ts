import { execFileSync } from 'node:child_process';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The browser that the set-up found or installed, sought in the same way. */
function chromiumPath(): string {
  for (const name of names) {
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' });
      return execFileSync('sh', ['-c', 'command -v "$1"', 'sh', name], { encoding: 'utf8' }).trim();
    } catch {
      // The next name, then.
    }
  }
  throw new Error('these tests need Chromium; run: npm run set-up');
}

/** No service of the browser's own may send anything: what the tests count are the page's requests. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let shared: Promise<Browser> | undefined;

/** One browser for all tests of a run. */
function sharedBrowser(): Promise<Browser> {
  shared ??= chromium.launch({ executablePath: chromiumPath(), args: flags, headless: true });
  return shared;
}

after(async () => {
  await (await shared)?.close();
  shared = undefined;
});

export interface OpenPage extends AsyncDisposable {
  page: Page;
  /** URLs that were asked for, the page's own included. */
  requests: string[];
  /** Errors and warnings of the console, and uncaught errors. */
  complaints: string[];
}

/** A page in a context of its own; `await using` closes it. */
export async function openPage(options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await (await sharedBrowser()).newContext(options);
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  return { page, requests, complaints, [Symbol.asyncDispose]: () => context.close() };
}
