import { loadConfig } from '../../config/load.ts';
import { environmentWith } from '../../flow/environment.ts';
import { systemClock } from '../../kit/clock.ts';
import { exitStatus, FiredrillError } from '../../kit/errors.ts';
import type { Journal } from '../../model/journal.ts';
import { compose } from '../compose.ts';
import { runDrill } from '../drill.ts';
import { runFindStatement } from '../find-statement.ts';
import { keepReport } from '../keep-report.ts';
import { withProgress } from '../progress.ts';
import { runRestore } from '../restore.ts';
import { Session } from '../session.ts';
import type { Stage } from './play.ts';
import type { RobotHands } from './robot.ts';
import type { Terminal } from './terminal.ts';

export type Stacks = Pick<Stage, 'raise' | 'attach' | 'clear'>;

/** A stage on this machine: real restores with the stack's configuration. */
export function stageOf(session: Session, gameDaysFolder: string, stacks: Stacks, terminal: Terminal): Stage {
  const { signal, quiet, engines, environment } = session;
  return {
    ...stacks,
    ...{ gameDaysFolder, terminal },
    environment: environmentWith(null),
    reportsFolderOf: async (file) => (await loadConfig(file, engines, environment)).reportsFolder,
    handsOf: (file) => robotHands(session, file),
    shown: (services, work) => withProgress(services, signal, work, quiet),
    activity: {
      clock: systemClock,
      signal,
      tell: ({ service, text }) => {
        if (!quiet) terminal.print(`  ${service ?? 'game day'}: ${text}`);
      },
      native: (_label, work) => work(),
    },
  };
}

/** What an operator would type, with the stack's own configuration. */
async function robotHands(session: Session, file: string): Promise<RobotHands> {
  const { signal, engines, environment, surroundings } = session;
  const config = await loadConfig(file, engines, environment);
  const composed = (from?: string) => compose(config, surroundings, from === undefined ? {} : { from });
  return {
    reportsFolder: config.reportsFolder,
    beforeStatement: async (service) => {
      const { statements } = await runFindStatement(await composed(), { service }, signal, true);
      const newest = statements.findLast(({ name, kind }) => name !== null && kind !== 'unseen');
      if (newest?.name) return `before:${newest.name}`;
      throw new FiredrillError('NO_SUCH_SET', `no log of ${service} holds a statement that took data away`);
    },
    lastGood: async (service) => {
      const options = { name: 'last-good', services: [service] };
      const journal = await runDrill({ ...(await composed()), planted: false }, options, signal, true);
      return lastGoodOf(journal, service);
    },
    restore: async ({ service, from, ...order }) => {
      const with_ = await composed(from);
      const kind = engines.find((each) => each.name === config.services.find((one) => one.service === service)?.engine);
      const named = order.parts && kind?.carrier?.parts ? { [kind.carrier.parts]: order.parts } : {};
      const wanted = { service, to: 'source', reason: order.reason, at: order.at, ...named };
      const how = { replace: order.parts === undefined, dryRun: false, unproven: false };
      const { journal, error } = await runRestore(
        with_,
        { ...wanted, ...how },
        { signal, quiet: true, showPlan: () => {}, typedName: async () => service },
      );
      if (journal) await keepReport(journal, with_, await with_.ledgerKey(), silent(session));
      if (error) throw error;
      if (!journal || journal.exitStatus !== exitStatus.pass) {
        throw new FiredrillError('RESTORE_FAILED', journal?.verdict.sentence ?? 'nothing was restored');
      }
    },
  };
}

/** Its remarks are for whoever types the command himself. */
function silent(session: Session): Session {
  const own = new Session(session);
  own.options = { json: true };
  return own;
}

function lastGoodOf({ lastGood, verdict, services }: Journal, service: string): string {
  const good = lastGood.find((each) => each.service === service)?.good;
  if (good) return good.member;
  const newest = services.find((each) => each.service === service)?.members.at(-1);
  if (verdict.verdict === 'pass' && newest) return newest.id;
  throw new FiredrillError('NO_SUCH_SET', `a drill finds no backup of ${service} that is good: ${verdict.sentence}`);
}
