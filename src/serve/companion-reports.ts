import type { BaseLogger } from "pino";
import type { Reason, Report } from "../companions/state.ts";
import type { NamespaceEvents } from "../kubernetes/events.ts";

/** Of which type the Event is; what is a warning is for somebody to look at. */
export const typeOfReason: Readonly<Record<Reason, "Normal" | "Warning">> = {
  CompanionsWritten: "Normal",
  CompanionsUpdated: "Normal",
  CompanionsRemoved: "Normal",
  CompanionNameTaken: "Warning",
  IsolationHeldBack: "Warning",
  CompanionContested: "Warning",
  CompanionsFailing: "Warning",
  IntentUnreadable: "Warning",
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
      const type = typeOfReason[reason];
      events.tell({ name: namespace, uid, reason, note, type });
      if (goesOn && before?.has(`${reason}: ${note}`) === true) continue;
      log[type === "Warning" ? "warn" : "info"]({ namespace, reason }, note);
    }
    const after = reports.filter((report) => report.lasting).map(({ reason, note }) => `${reason}: ${note}`);
    if (after.length === 0) lasting.delete(namespace);
    else lasting.set(namespace, new Set(after));
  };
}
