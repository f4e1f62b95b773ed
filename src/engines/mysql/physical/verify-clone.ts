import type { Activity } from '../../../kit/activity.ts';
import { FiredrillError } from '../../../kit/errors.ts';
import type { CheckResult } from '../../../model/check.ts';
import type { OpenMember } from '../../../model/member.ts';
import { planAccounts } from '../accounts.ts';
import { readAccounts, readFacts, readSchema } from '../documents.ts';
import { planTables } from '../restore-schema.ts';
import { hasPages, readCloneDocument } from './clone-files.ts';
import { archiveRole } from './is-physical.ts';
import { PageWatch } from './page-watch.ts';
import { ArchivesLook } from './read-archives.ts';

/** Reads every artifact to its end, and looks at each page, without a server. */
export async function verifyClone(member: OpenMember, { signal }: Pick<Activity, 'signal'>): Promise<CheckResult[]> {
  const { service } = member.manifest;
  readFacts(member);
  planTables(await readSchema(member));
  planAccounts(await readAccounts(member));
  const archives = member.byRole(archiveRole);
  const look = new ArchivesLook(member, await readCloneDocument(member), archives.length);
  for (const archive of archives) {
    for await (const { name, size, content } of look.entries(archive.name)) {
      const fail = (what: string) => new FiredrillError('ARTIFACT_FORMAT', `${service}: ${name} ${what}`);
      const pages = hasPages(name) && size > 0 ? new PageWatch(fail) : undefined;
      for await (const chunk of content as AsyncIterable<Buffer>) {
        if (signal.aborted) throw new FiredrillError('INTERRUPTED', 'the verification was interrupted');
        pages?.see(chunk);
      }
      pages?.end();
    }
  }
  return look.results();
}
