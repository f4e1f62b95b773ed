import { hostname } from 'node:os';
import type { Command } from 'commander';
import {
  announceBroken,
  announceDrill,
  announceEnd,
  announceStart,
  announceStopped,
  statusAfter,
} from '../flow/announce.ts';
import type { JobKind, Telling } from '../flow/channels.ts';
import type { WrittenDrill } from '../flow/mail-drill.ts';
import { exitStatus, type FiredrillError } from '../kit/errors.ts';
import { plainLine } from '../kit/text.ts';
import { channelsOf, requireSomebody } from './channels.ts';
import { knownError, printError } from './output.ts';
import type { Session } from './session.ts';
import { tellingOf } from './telling.ts';

/** `--notify`, of commands that run at night. Not the default: a try by hand must neither alarm anybody nor keep an alarm quiet. */
export const addNotifyOption = (command: Command): Command =>
  command.option('--notify', 'tell those whom mail and notify of the configuration name, as for cron');

/** Before the job: secrets that cannot be read are known now. undefined when nobody is to be told. */
export async function tellingFor(notify: boolean, session: Session): Promise<Telling | undefined> {
  if (!notify) return undefined;
  const config = await session.configForReading();
  requireSomebody(config);
  return tellingOf(session, await channelsOf(config));
}

/** Runs a drill up to its journal; of one that breaks off everybody is told as well. */
export async function observedDrill<T>(
  telling: Telling | undefined,
  session: Session,
  work: () => Promise<T>,
): Promise<T> {
  if (!telling) return work();
  await announceStart('drill', telling);
  try {
    return await work();
  } catch (error) {
    const known = knownError(error);
    if (wasStopped(known, session)) await announceStopped('drill', sentenceOf(known), telling);
    else printFaults(await announceBroken(known, hostname(), telling), session);
    throw error;
  }
}

/** After the result was shown: mail may take minutes. */
export async function tellOfDrill(telling: Telling | undefined, drill: WrittenDrill, session: Session): Promise<void> {
  if (!telling) return;
  const faults = await announceDrill(drill, telling);
  printFaults(faults, session);
  session.status = statusAfter(session.status, faults);
}

/** Runs a job other than a drill, and tells how it went, by what it leaves as the exit status. `work` returns a few words. */
export async function observed(
  job: Exclude<JobKind, 'drill'>,
  notify: boolean,
  session: Session,
  work: () => Promise<string>,
): Promise<void> {
  const telling = await tellingFor(notify, session);
  const working = async () => {
    const text = await work();
    // What it comes to stands last.
    session.summary = plainLine(text.trimEnd().split('\n').at(-1) ?? '');
    return text;
  };
  if (!telling) {
    await working();
    return;
  }
  await announceStart(job, telling);
  const end = async (text: string, problem?: string) => {
    // The run that holds the lock will tell.
    if (session.status === exitStatus.locked) return;
    const faults = await announceEnd(job, text, problem, telling);
    printFaults(faults, session);
    session.status = statusAfter(session.status, faults);
  };
  try {
    const text = await working();
    await end(text, session.status === exitStatus.pass ? undefined : text);
  } catch (error) {
    const known = knownError(error);
    if (wasStopped(known, session)) await announceStopped(job, sentenceOf(known), telling);
    else if (known.code !== 'LOCKED') await end('', sentenceOf(known));
    throw error;
  }
}

/** Whatever breaks after the order to stop, breaks of it. */
const wasStopped = ({ code }: FiredrillError, { signal }: Session) => code === 'INTERRUPTED' || signal.aborted;

const sentenceOf = ({ code, message }: FiredrillError) => `${code}: ${plainLine(message)}`;

function printFaults(faults: readonly FiredrillError[], session: Session): void {
  for (const each of faults) printError(each, session.options);
}
