import { finished, PassThrough, type Readable } from 'node:stream';

/** Two readers of one stream, at the pace of the slower one. What breaks it breaks both. */
export function tee(source: Readable): [Readable, Readable] {
  const branches = [new PassThrough(), new PassThrough()] as const;
  for (const branch of branches) {
    // Held for a late reader.
    branch.on('error', () => {});
    source.pipe(branch);
  }
  finished(source, { writable: false }, (error) => {
    if (error) for (const branch of branches) branch.destroy(error);
  });
  return [...branches];
}
