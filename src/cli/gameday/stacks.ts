import { basename, dirname } from 'node:path';
import type { Config } from '../../config/config.ts';
import { isFiredrillError } from '../../kit/errors.ts';
import { reap } from '../../sandbox/reaper.ts';
import { lazyDocker } from '../compose.ts';
import type { Session } from '../session.ts';
import type { StackWorld } from './live-stack.ts';
import type { Stage } from './play.ts';
import { attachStack, createStack } from './stack.ts';

/** Stacks of real containers, made from the backups that the configuration names. */
export function realStacks(session: Session, config: Config): Pick<Stage, 'raise' | 'attach'> {
  const world: StackWorld = { ...session.surroundings, environment: session.environment };
  return {
    // Its containers carry the name of the game day.
    raise: (scenario, folder, activity) =>
      createStack({ config, world, scenario, folder, id: basename(dirname(folder)) }, activity),
    attach: async (folder) => {
      try {
        return await attachStack(folder, world);
      } catch (error) {
        if (!isFiredrillError(error, 'USAGE', 'SANDBOX_FAILED')) throw error;
        // It was never raised to its end: what a dead process has left of it is found by its label.
        await reap(lazyDocker(world)(), new Date());
        return undefined;
      }
    },
  };
}
