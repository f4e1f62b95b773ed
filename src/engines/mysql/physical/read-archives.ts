import { FiredrillError } from '../../../kit/errors.ts';
import { readTar, type TarEntry } from '../../../kit/tar.ts';
import { plainLine } from '../../../kit/text.ts';
import { type CheckResult, Look } from '../../../model/check.ts';
import type { OpenMember } from '../../../model/member.ts';
import type { CloneDocument } from './clone-files.ts';

/** Reads the archives of a clone, and gathers whether they decode and hold each file that was cloned, and nothing else. */
export class ArchivesLook {
  readonly #member: OpenMember;
  readonly #files: Map<string, { bytes: number; archive: string }>;
  readonly #format: Look;
  readonly #completeness: Look;
  readonly #seen = new Set<string>();

  constructor(member: OpenMember, { files }: CloneDocument, archives: number) {
    const { service, artifacts } = member.manifest;
    this.#member = member;
    this.#files = new Map(files.map(({ name, bytes, archive }) => [name, { bytes, archive }]));
    this.#format = new Look('format', service, 'artifacts', artifacts.length);
    // The documents are read before anything else.
    this.#format.sawOne(artifacts.length - archives);
    this.#completeness = new Look('completeness', service, 'files', files.length);
  }

  /**
   * The files of one archive, each to be read to its end. ARTIFACT_FORMAT for a file that no clone has, such as a name that leaves
   * the folder, a link, settings or keys; ARTIFACT_INCOMPLETE for one of another size than was cloned, or none.
   */
  async *entries(archive: string): AsyncGenerator<TarEntry> {
    for await (const entry of readTar(this.#member.content(archive))) {
      const known = this.#files.get(entry.name);
      if (!known || known.archive !== archive || entry.type !== 'file') throw this.#stray(entry.name);
      if (this.#seen.has(entry.name)) throw this.#stray(entry.name);
      if (entry.size !== known.bytes) {
        throw this.#incomplete(`${entry.name} has ${entry.size} bytes, and had ${known.bytes} when it was cloned`);
      }
      this.#seen.add(entry.name);
      yield entry;
      this.#completeness.sawOne();
    }
    const missing = [...this.#files].find(([name, file]) => file.archive === archive && !this.#seen.has(name));
    if (missing) throw this.#incomplete(`${archive} lacks ${missing[0]}, which was cloned`);
    this.#format.sawOne();
  }

  results(): CheckResult[] {
    return [this.#format.result(), this.#completeness.result()];
  }

  #stray(name: string) {
    const sentence = `${this.#member.manifest.service}: the clone holds ${plainLine(name)}, which is not in the list of its files`;
    return new FiredrillError('ARTIFACT_FORMAT', sentence);
  }

  #incomplete(what: string) {
    return new FiredrillError('ARTIFACT_INCOMPLETE', `${this.#member.manifest.service}: ${what}`);
  }
}
