import type { NamespaceFacts } from "../model/cluster-view.ts";
import type { DueCompanions } from "../model/companions.ts";
import { listed } from "../network/listed.ts";
import type { Plan } from "./plan.ts";
import type { Reason, Report } from "./state.ts";
import type { Done } from "./write-out.ts";

/** What is worth telling about a run, in few sentences. Pure. */
export function reportsOf(
  facts: NamespaceFacts,
  due: DueCompanions,
  plan: Plan,
  done: Done,
): readonly Report[] {
  const reports: Report[] = [];
  const tell = (reason: Reason, lasting: boolean, note: string): void => {
    reports.push({ namespace: facts.name, namespaceUid: facts.uid, reason, note, lasting });
  };
  const fresh = [...done.written].filter(([, how]) => how === "new").map(([name]) => name);
  const changed = [...done.written].filter(([, how]) => how !== "new").map(([name]) => name);
  if (fresh.length > 0) tell("CompanionsWritten", false, `wrote ${names(fresh)}`);
  if (changed.length > 0) tell("CompanionsUpdated", false, `brought to what is due: ${names(changed)}`);
  if (done.removed.length > 0)
    tell("CompanionsRemoved", false, `removed what is due no more: ${names(done.removed)}`);
  if (plan.foreign.length > 0) {
    tell("CompanionNameTaken", true, `${names(plan.foreign)}: not Ringfence's own, left alone`);
  }
  for (const { direction, why } of due.heldBack) {
    tell("IsolationHeldBack", true, `${direction} stays open until an operator confirms: ${why}`);
  }
  if (done.delayed !== undefined) {
    tell("CompanionContested", true, "somebody changes companions again and again; repairs are slowed");
  }
  for (const [name, { text }] of done.failed) tell("CompanionsFailing", true, `${name}: ${text}`);
  const taken = plan.blocked.filter(({ why }) => why === "foreign").map(({ purpose }) => purpose);
  if (taken.length > 0) tell("CompanionsFailing", true, `both names are taken for ${names(taken)}`);
  if (due.intent.source === "unreadable") {
    tell(
      "IntentUnreadable",
      true,
      `the intent cannot be read, nothing is changed: ${names(due.intent.faults)}`,
    );
  }
  return reports;
}

/** So many names at most: an Event holds 1 kB. */
const mostNames = 8;

function names(all: readonly string[]): string {
  return listed(all, mostNames);
}
