import { pino } from "pino";
import { expect, test } from "vitest";
import type { Report } from "#src/companions/state.ts";
import type { NamespaceEvent } from "#src/kubernetes/events.ts";
import { companionReports } from "#src/serve/companion-reports.ts";

function reporting() {
  const lines: string[] = [];
  const told: NamespaceEvent[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(line) });
  const report = companionReports(log, { tell: (event) => told.push(event) });
  const logged = (): readonly unknown[] =>
    lines.map((line) => (JSON.parse(line) as { readonly msg: string }).msg);
  return { report, told, logged };
}

const held: Report = {
  namespace: "shop",
  namespaceUid: "1",
  reason: "IsolationHeldBack",
  note: "ingress stays open",
  lasting: true,
};

test("what lasts is logged when it begins or says something else, and its Event is told each time", () => {
  const { report, told, logged } = reporting();
  report("shop", [held]);
  report("shop", [held]);
  report("shop", [{ ...held, note: "ingress stays open as well" }]);
  report("shop", []);
  report("shop", [held]);
  expect(logged()).toEqual(["ingress stays open", "ingress stays open as well", "ingress stays open"]);
  expect(told).toHaveLength(4);
  expect(told[0]).toEqual({
    name: "shop",
    uid: "1",
    reason: "IsolationHeldBack",
    note: "ingress stays open",
    type: "Warning",
  });
});

test("what happens at a moment is logged each time; namespaces are told apart", () => {
  const { report, told, logged } = reporting();
  const wrote: Report = {
    ...held,
    reason: "CompanionsWritten",
    note: "wrote ringfence-default-deny",
    lasting: false,
  };
  report("shop", [wrote]);
  report("shop", [wrote]);
  report("shop", [held]);
  report("other", [{ ...held, namespace: "other", namespaceUid: "2" }]);
  expect(logged()).toEqual([wrote.note, wrote.note, held.note, held.note]);
  expect(told.map(({ type }) => type)).toEqual(["Normal", "Normal", "Warning", "Warning"]);
});
