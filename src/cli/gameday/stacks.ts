import { rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Config } from '../../config/config.ts';
import { isFiredrillError } from '../../kit/errors.ts';
import { reap } from '../../sandbox/reaper.ts';
import { lazyDocker } from '../compose.ts';
import type { Session } from '../session.ts';
import type { StackWorld } from './live-stack.ts';
import type { Stage } from './play.ts';
import { attachStack, createStack } from './stack.ts';
import { stateFile } from './stack-state.ts';

/** Stacks of real containers, made from the backups that the configuration names. */
export function realStacks(session: Session, config: Config): Pick<Stage, 'raise' | 'attach' | 'clear'> {
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
        return undefined;
      }
    },
    clear: async (folder) => {
      // Without this file nothing keeps it any more, and what is left of it is found by its label.
      await rm(stateFile(folder), { force: true });
      await reap(lazyDocker(world)(), new Date());
    },
  };
}
