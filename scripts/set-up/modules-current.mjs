// Exits 0 when node_modules holds exactly what package-lock.json says, Node 24 included, and 1 otherwise.
// Runs before anything is installed, on Node 20: no imports but Node's own.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** What differs between the lock file and npm's own record of what it installed; both parsed. */
export function staleModules(lock, installed) {
  const wanted = Object.entries(lock.packages).filter(([path]) => path !== '');
  const differing = wanted
    .filter(([path, { version, integrity, optional }]) => {
      const found = installed.packages[path];
      if (!found) return !optional;
      return found.version !== version || found.integrity !== integrity;
    })
    .map(([path]) => path);
  return [...differing, ...Object.keys(installed.packages).filter((path) => !lock.packages[path])];
}

function isCurrent() {
  try {
    const parse = (file) => JSON.parse(readFileSync(file, 'utf8'));
    if (staleModules(parse('package-lock.json'), parse('node_modules/.package-lock.json')).length > 0) return false;
    const version = execFileSync('node_modules/.bin/node', ['--version'], { encoding: 'utf8' });
    return version.startsWith('v24.');
  } catch {
    return false;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = isCurrent() ? 0 : 1;
