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
  readonly labels?: object;
  readonly spec?: object;
}

const closed = { podSelector: {}, policyTypes: ["Ingress"] };
const open = { ...closed, ingress: [{}] };

/** Writes in the order of their versions. */
function events(...writes: readonly Write[]): readonly AuditEvent[] {
  return writes.map((write, index) => {
    const { verb = "patch", uri = "/p", username = ringfence, code = 200, uid = "a" } = write;
    const { labels = { app: "a" }, spec = closed } = write;
    return {
      auditID: String(index),
      stage: "ResponseComplete",
      verb,
      requestURI: uri,
      user: { username },
      objectRef: { resource: "networkpolicies" },
      responseStatus: { code },
      requestReceivedTimestamp: "2026-11-21T12:00:00.000000Z",
      stageTimestamp: "2026-11-21T12:00:00.000000Z",
      responseObject: { metadata: { uid, labels, resourceVersion: String(9 + index) }, spec },
    };
  });
}

const found = (all: readonly AuditEvent[]): readonly string[] =>
  equalWrites(all, ringfence).map(({ auditID }) => auditID);

test("a write that says what stood already is an equal one, whoever wrote that", () => {
  expect(found(events({ verb: "create" }, {}))).toEqual(["1"]);
  expect(found(events({ username: "anna" }, { verb: "update", spec: { ...closed, ingress: [] } }))).toEqual([
    "1",
  ]);
  expect(found(events({}, { spec: open }, {}, {}))).toEqual(["3"]);
});

test("the order is that of versions, not that of answers", () => {
  const all = events({}, { username: "anna", spec: open }, {});
  expect(found([...all].reverse())).toEqual([]);
});

test("another content, another object, somebody else's, a refused one, a dry run and a deletion are none", () => {
  expect(found(events({}, { spec: open }))).toEqual([]);
  expect(found(events({}, { labels: { app: "b" } }))).toEqual([]);
  expect(found(events({}, { uid: "b" }))).toEqual([]);
  expect(found(events({}, { username: "anna" }))).toEqual([]);
  expect(found(events({}, { code: 409 }))).toEqual([]);
  expect(found(events({}, { uri: "/p?dryRun=All" }))).toEqual([]);
  expect(found(events({}, { verb: "delete" }))).toEqual([]);
});
