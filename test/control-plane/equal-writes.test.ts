import { expect, test } from "vitest";
import type { AuditEvent } from "./audit-log.ts";
import { equalWrites } from "./equal-writes.ts";

const ringfence = "system:serviceaccount:ringfence-system:ringfence";

interface Write {
  readonly verb?: string;
  readonly uri?: string;
  readonly username?: string;
  readonly code?: number;
  readonly uid?: string;
  readonly version?: string;
}

function write(auditID: string, write: Write = {}): AuditEvent {
  const { verb = "patch", uri = "/p", username = ringfence, code = 200, uid = "a", version = "1" } = write;
  return {
    auditID,
    stage: "ResponseComplete",
    verb,
    requestURI: uri,
    user: { username },
    objectRef: { resource: "networkpolicies" },
    responseStatus: { code },
    requestReceivedTimestamp: "2026-11-21T12:00:00.000000Z",
    stageTimestamp: "2026-11-21T12:00:00.000000Z",
    responseObject: { metadata: { uid, resourceVersion: version } },
  };
}

const found = (...events: readonly AuditEvent[]): readonly string[] =>
  equalWrites(events, ringfence).map(({ auditID }) => auditID);

test("a write that is answered with the version that stood already is an equal one, whoever made that version", () => {
  expect(found(write("made", { verb: "create" }), write("again"))).toEqual(["again"]);
  expect(found(write("edited", { username: "anna" }), write("again", { verb: "update" }))).toEqual(["again"]);
});

test("a new version, another object, somebody else's, a refused one and a dry run are none", () => {
  const made = write("made");
  expect(found(made, write("changed", { version: "2" }))).toEqual([]);
  expect(found(made, write("other", { uid: "b" }))).toEqual([]);
  expect(found(made, write("theirs", { username: "anna" }))).toEqual([]);
  expect(found(made, write("refused", { code: 409 }))).toEqual([]);
  expect(found(made, write("tried", { uri: "/p?dryRun=All" }))).toEqual([]);
  expect(found(made, write("removed", { verb: "delete" }))).toEqual([]);
});
