import type { DueCompanions } from "../model/companions.ts";
import type { Plan } from "./plan.ts";
import { noCompanions, type CompanionCounts } from "./state.ts";
import type { Done } from "./write-out.ts";

/** How a namespace's companions stand after a run; undefined where there is none to speak of. Pure. */
export function countsOf(
  due: DueCompanions,
  plan: Plan,
  done: Done,
  isContested: (name: string) => boolean,
): CompanionCounts | undefined {
  const blocked = plan.blocked.filter(({ why }) => why === "foreign").length;
  const contested = new Set(plan.wanted.map(({ name }) => name).filter(isContested));
  const failing = [...done.failed.keys()].filter((name) => !contested.has(name)).length;
  const synced = plan.wanted.filter(({ name }) => !done.unwritten.has(name) && !contested.has(name)).length;
  const counts = {
    ...noCompanions,
    contested: contested.size,
    failing: failing + blocked,
    synced,
    pending: Math.max(0, due.pieces.length - contested.size - failing - blocked - synced),
    foreign: plan.foreign.length,
    "held-back": due.heldBack.length,
  };
  return Object.values(counts).every((count) => count === 0) ? undefined : counts;
}
