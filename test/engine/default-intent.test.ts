import { expect, test } from "vitest";
import { writeDefaultIntent } from "#src/engine/default-intent.ts";
import { patched } from "#src/engine/patched.ts";
import { parseConfiguration } from "#src/config/load.ts";
import { readIntent } from "#src/intent/read.ts";
import type { NamespaceSubject } from "#src/model/subject.ts";
import { rules } from "#src/rules/index.ts";
import type { Namespace } from "#src/wire/namespace.ts";

const settings = parseConfiguration(
  Buffer.from(`apiVersion: config.ringfence.dev/v1alpha1
kind: RingfenceConfiguration
intents: { defaults: [{ namespaces: { matchLabels: { team: a } }, intent: { denyAll: true } }] }
`),
  "ringfence.yaml",
  rules,
);
const annotation = "ringfence.dev/network-policies";
const on = { "ringfence.dev/enforce": "baseline", "ringfence.dev/patch": "baseline", team: "a" };

const named = (labels: Record<string, string>, annotations?: Record<string, string>): Namespace => ({
  metadata: { name: "shop", labels, ...(annotations !== undefined && { annotations }) },
});

function request(object: Namespace, oldObject?: Namespace): NamespaceSubject {
  return {
    kind: "Namespace",
    uid: "1",
    operation: oldObject === undefined ? "CREATE" : "UPDATE",
    name: "shop",
    namespace: "shop",
    user: { name: "tom", groups: [] },
    dryRun: false,
    object,
    oldObject,
  };
}

test.each([
  ["born without annotations", request(named(on))],
  ["born with others", request(named(on, { note: "x" }))],
  ["that begins to enforce", request(named(on), named({ team: "a" }))],
])("a namespace %s gets the default intent, once", (_, subject) => {
  const { patch = [], warnings, allowed } = writeDefaultIntent(subject, settings);
  expect([allowed, warnings.length, patch[0]?.op]).toEqual([true, 1, "test"]);
  const { object } = subject;
  const after = object && patched<Namespace>(object, patch);
  if (after === undefined) throw new Error("the patch does not apply");
  expect(readIntent(after.metadata.annotations?.[annotation] ?? "").value?.denyAll).toEqual({
    ingress: true,
    egress: true,
  });
  expect(writeDefaultIntent({ ...subject, object: after }, settings).patch).toBeUndefined();
});

test.each([
  ["declares one", request(named(on, { [annotation]: "denyAll: false" }))],
  ["does not ask for patches", request(named({ ...on, "ringfence.dev/patch": "privileged" }))],
  ["enforces nothing", request(named({ ...on, "ringfence.dev/enforce": "privileged" }))],
  ["is none of those with a default", request(named({ ...on, team: "b" }))],
  ["lost its own by this request", request(named(on), named(on, { [annotation]: "denyAll: true" }))],
  ["stood so before", request(named({ ...on, more: "x" }), named(on))],
])("a namespace that %s is left as it is", (_, subject) => {
  expect(writeDefaultIntent(subject, settings).patch).toBeUndefined();
});
