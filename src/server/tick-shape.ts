import { executionAsyncResource } from "node:async_hooks";
import type { EventEmitter } from "node:events";

/**
 * Keeps the shape of what `process.nextTick` queues alive until `holder` emits `close`. Where three full collections in a
 * row find no tick waiting, V8 forgets that shape, and Node 24 then makes each tick the slow way for as long as the process
 * lives: 0.5 us instead of 0.15, five times for each request (task_queues.js, whose object has computed keys). One tick
 * that is held, by the one way that Node has to get at it, prevents that.
 */
export function keepTickShape(holder: EventEmitter): void {
  const kept: object[] = [];
  process.nextTick(() => {
    kept.push(executionAsyncResource());
  });
  holder.once("close", () => {
    kept.length = 0;
  });
}
