import { expect, test } from "vitest";
import { idleExceptions, idleExceptionsTold } from "#src/serve/idle-exceptions.ts";
import { settingsWith } from "../support/settings.ts";

const now = new Date("2026-06-30T18:00:00Z");
const exception = { rule: "allow-all-egress", namespace: "legacy", policies: "vendor-*", reason: "r" };
const facts = { name: "legacy", uid: "1", labels: new Map(), annotations: new Map(), terminating: false };
const namespaces = { get: (name: string) => (name === "legacy" ? facts : undefined) };

test("an exception that has expired, or is for a namespace that is not there, has no effect", () => {
  const settings = settingsWith({
    exceptions: [
      exception,
      { ...exception, until: "2026-06-30" },
      { ...exception, until: "2026-06-29" },
      { ...exception, namespace: "legcy" },
      { ...exception, namespace: "legcy", until: "2020-01-01" },
    ],
  });
  expect(idleExceptions(settings, namespaces, now)).toEqual([
    "exceptions[2] (allow-all-egress for legacy/vendor-*): it was valid until 2026-06-29",
    "exceptions[3] (allow-all-egress for legcy/vendor-*): there is no namespace legcy",
    "exceptions[4] (allow-all-egress for legcy/vendor-*): it was valid until 2020-01-01, and there is no namespace legcy",
  ]);
});

test("while the namespaces are not known, only the day counts", () => {
  const settings = settingsWith({ exceptions: [{ ...exception, namespace: "legcy" }] });
  expect(idleExceptions(settings, undefined, now)).toEqual([]);
});

test("each is told once, and anew under other settings", () => {
  const told: string[] = [];
  let lines = ["one"];
  const idle = idleExceptionsTold(
    () => lines,
    (line) => told.push(line),
  );
  idle.look();
  idle.look();
  lines = ["one", "two"];
  idle.look();
  expect(told).toEqual(["one", "two"]);
  idle.reset();
  expect(told).toEqual(["one", "two", "one", "two"]);
});
