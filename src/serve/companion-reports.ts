import type { BaseLogger } from "pino";
import type { Reason, Report } from "../companions/state.ts";
import type { NamespaceEvents } from "../kubernetes/events.ts";

/** Whether a reason is one for somebody to do something. */
const isWarning: Readonly<Record<Reason, boolean>> = {
  CompanionsWritten: false,
  CompanionsUpdated: false,
  CompanionsRemoved: false,
  CompanionNameTaken: true,
  IsolationHeldBack: true,
  CompanionContested: true,
  CompanionsFailing: true,
  IntentUnreadable: true,
};

/**
 * Tells people of what is reported of companions: each Event grows as long as it goes on, a line is logged when it begins
 * or says something else.
 */
export function companionReports(
  log: BaseLogger,
  events: Pick<NamespaceEvents, "tell">,
): (namespace: string, reports: readonly Report[]) => void {
  const lasting = new Map<string, ReadonlySet<string>>();
  return (namespace, reports) => {
    const before = lasting.get(namespace);
    for (const { namespaceUid: uid, reason, note, lasting: goesOn } of reports) {
      events.tell({ name: namespace, uid, reason, note, type: isWarning[reason] ? "Warning" : "Normal" });
      if (goesOn && before?.has(`${reason}: ${note}`) === true) continue;
      log[isWarning[reason] ? "warn" : "info"]({ namespace, reason }, note);
    }
    const after = reports.filter((report) => report.lasting).map(({ reason, note }) => `${reason}: ${note}`);
    if (after.length === 0) lasting.delete(namespace);
    else lasting.set(namespace, new Set(after));
  };
}
