import { createHook } from "node:async_hooks";
import { setImmediate as turn } from "node:timers/promises";
import { collectGarbage } from "../support/collect-garbage.ts";

/** The objects that process.nextTick makes while something goes on. */
export interface Ticks {
  readonly made: number;
  /** How many of them are left after four full collections. */
  left(): Promise<number>;
}

/** Does the work and gives what it made, with its ticks. */
export async function ticksOf<T>(
  work: () => T | Promise<T>,
): Promise<{ readonly ticks: Ticks; readonly made: T }> {
  const refs: WeakRef<object>[] = [];
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === "TickObject") refs.push(new WeakRef(resource));
    },
  });
  hook.enable();
  const made = await work();
  hook.disable();
  const left = async (): Promise<number> => {
    for (let collections = 0; collections < 4; collections++) {
      await turn();
      collectGarbage();
    }
    return refs.filter((tick) => tick.deref() !== undefined).length;
  };
  return { ticks: { made: refs.length, left }, made };
}
