import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const source = join(import.meta.dirname, "../../src/server/tick-shape.ts");

/** Prints which ticks are alive after full collections: those of keepTickShape while its holder is open, and once it is closed. */
const script = `
  import { createHook } from "node:async_hooks";
  import { EventEmitter } from "node:events";
  import { setImmediate as turn } from "node:timers/promises";
  import { keepTickShape } from ${JSON.stringify(source)};
  const ticks = [];
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === "TickObject") ticks.push(new WeakRef(resource));
    },
  });
  const alive = async () => {
    for (let collections = 0; collections < 4; collections++) {
      await turn();
      gc();
    }
    return ticks.filter((tick) => tick.deref() !== undefined).length;
  };
  const holder = new EventEmitter();
  hook.enable();
  keepTickShape(holder);
  process.nextTick(() => undefined);
  hook.disable();
  const open = await alive();
  holder.emit("close");
  console.log(JSON.stringify({ ticks: ticks.length, open, closed: await alive() }));
`;

test("one tick is kept through full collections, until its holder is closed", () => {
  const args = ["--expose-gc", "--input-type=module", "--eval", script];
  const printed = execFileSync(process.execPath, args, { encoding: "utf8" });
  expect(JSON.parse(printed)).toEqual({ ticks: 2, open: 1, closed: 0 });
});
