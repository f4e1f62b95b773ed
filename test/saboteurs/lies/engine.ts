import type { AnyEngine, Bay, Restored } from '../../../src/engines/engine.ts';
import type { SandboxRecipe } from '../../../src/model/sandbox.ts';
import type { Scene } from '../saboteur.ts';
import type { ServiceName } from '../stage.ts';

/** Lets one service be drilled by an engine of which something is changed. */
export function changeEngine(
  { order }: Scene,
  service: ServiceName,
  change: (engine: AnyEngine) => Partial<AnyEngine>,
) {
  order.services = order.services.map((each) =>
    each.service === service ? { ...each, engine: { ...each.engine, ...change(each.engine) } } : each,
  );
}

/** Does something to a restored server, before anything is checked; what it gives takes the place of what was restored. */
export function afterRestore(
  scene: Scene,
  service: ServiceName,
  work: (restored: Restored) => Promise<Partial<Restored> | undefined>,
) {
  changeEngine(scene, service, (engine) => ({
    restore: async (...args) => {
      const restored = await engine.restore(...args);
      const change = await work(restored);
      return change ? { ...restored, ...change } : restored;
    },
  }));
}

/** Lets one service be restored into another bay than the pod's own. */
export function changeBay(scene: Scene, service: ServiceName, change: (bay: Bay) => Partial<Bay>) {
  changeEngine(scene, service, (engine) => ({
    restore: (chain, bay, ...more) => engine.restore(chain, { ...plainBay(bay), ...change(bay) }, ...more),
  }));
}

/** Changes the environment of one service's restored server. */
export function changeServer(scene: Scene, service: ServiceName, env: SandboxRecipe['env']) {
  changeBay(scene, service, (bay) => ({
    start: (recipe) => bay.start({ ...recipe, env: { ...recipe.env, ...env } }),
  }));
}

/** A bay is no plain object: what it has is copied by name. */
export const plainBay = (bay: Bay): Bay => ({
  service: bay.service,
  index: bay.index,
  holder: bay.holder,
  scratchFolder: bay.scratchFolder,
  limits: bay.limits,
  comesByTcp: bay.comesByTcp,
  prefill: (...what) => bay.prefill(...what),
  start: (recipe) => bay.start(recipe),
});
