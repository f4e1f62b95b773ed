import { z } from 'zod';
import { FiredrillError } from '../../../kit/errors.ts';
import { plainLine } from '../../../kit/text.ts';
import type { OpenMember } from '../../../model/member.ts';
import { readDocument } from '../documents.ts';
import { archiveRole } from './is-physical.ts';

/** What a physical full holds beside its documents: the files of a clone in tar archives, and the list of them. */

export const cloneArtifact = 'clone.json';
export const archiveName = (part: number) => `clone-${part + 1}.tar`;

/** Of tables and tablespaces: a server writes whatever else a name holds as `@` and hex digits. */
const word = '[A-Za-z0-9_@#$-]{1,250}';
const spaces = `ibdata1|undo_\\d{3}|${word}\\.ib[du]|${word}/${word}\\.ibd`;
const pages = new RegExp(`^(${spaces})$`);
const known = new RegExp(`^(${spaces}|#innodb_redo/#ib_redo\\d+|#clone/#[a-z_]+)$`);

/** Whether a clone may have such a file, below its folder. Nothing else is backed up or restored: no settings, no keys. */
export const isCloneFile = (name: string) => known.test(name);

/** Whether a file of a clone is made of InnoDB's pages. */
export const hasPages = (name: string) => pages.test(name);

const folder = new RegExp(`^(${word}|#innodb_redo|#clone)$`);

/** Whether a clone may have such a folder: of a database, also of one without a table, or of its logs. */
export const isCloneFolder = (name: string) => folder.test(name);

const cloneDocument = z.strictObject({
  format: z.literal('firedrill-mysql-clone'),
  version: z.literal(1),
  folders: z.array(z.string().regex(folder)),
  files: z
    .array(
      z.strictObject({
        /** Below the clone's folder. */
        name: z.string().regex(known),
        bytes: z.int().min(0),
        archive: z.string().max(128),
      }),
    )
    .min(1),
});

export type CloneDocument = z.infer<typeof cloneDocument>;
export type CloneFile = CloneDocument['files'][number];

/** ARTIFACT_INCOMPLETE when a file is named twice, or lies in an archive that is not there. */
export async function readCloneDocument(member: OpenMember): Promise<CloneDocument> {
  const document = await readDocument(member, cloneArtifact, cloneDocument);
  const archives = new Set(member.byRole(archiveRole).map(({ name }) => name));
  const seen = new Set<string>();
  for (const { name, archive } of document.files) {
    if (seen.has(name)) throw incomplete(member, `${name} is in its list twice`);
    if (!archives.has(archive)) throw incomplete(member, `there is no archive ${plainLine(archive)} with ${name}`);
    seen.add(name);
  }
  return document;
}

function incomplete({ manifest }: OpenMember, what: string) {
  return new FiredrillError('ARTIFACT_INCOMPLETE', `${manifest.service}: the clone is not whole: ${what}`);
}
