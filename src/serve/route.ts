/** What may be asked for. */
export type Route =
  | { kind: 'index' | 'game-days' | 'live' | 'events' | 'script' | 'icon' | 'none' }
  /** Of a drill, or of a game day. */
  | { kind: 'file'; of: 'drill' | 'game-day'; folder: string; name: ReportFile };

/** The files of a report, and how each is served. Nothing else in its folder is. */
export const reportFiles = {
  'report.html': 'text/html; charset=utf-8',
  'report.txt': 'text/plain; charset=utf-8',
  'journal.json': 'application/json; charset=utf-8',
  'junit.xml': 'application/xml; charset=utf-8',
  'metrics.prom': 'text/plain; charset=utf-8',
} as const;

export type ReportFile = keyof typeof reportFiles;

const pages: Record<string, Route> = {
  '/': { kind: 'index' },
  '/index.html': { kind: 'index' },
  '/gamedays/': { kind: 'game-days' },
  '/gamedays/index.html': { kind: 'game-days' },
  '/live': { kind: 'live' },
  '/live/events': { kind: 'events' },
  '/live/live.js': { kind: 'script' },
  '/favicon.ico': { kind: 'icon' },
};

/** As it stands in the request: nothing is decoded, and what would have to be is none. A query says nothing. */
export function routeOf(target: string): Route {
  const [path = ''] = target.split('?', 1);
  if (Object.hasOwn(pages, path)) return pages[path] ?? { kind: 'none' };
  const [, among, folder = '', name = ''] =
    /^\/(gamedays\/)?(\d{8}T\d{6}Z-[a-z0-9-]{1,60})\/([a-z.]{1,20})$/.exec(path) ?? [];
  return isReportFile(name) ? { kind: 'file', of: among ? 'game-day' : 'drill', folder, name } : { kind: 'none' };
}

const isReportFile = (name: string): name is ReportFile => Object.hasOwn(reportFiles, name);

/**
 * Whether a request was meant for this machine by its own name. A page elsewhere whose name was made to mean 127.0.0.1
 * sends its own name. Ports may differ: ssh forwards them.
 */
export function isOwnHost(rawHeaders: readonly string[]): boolean {
  const hosts = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'host');
  return hosts.length === 1 && /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i.test(hosts[0] ?? '');
}
