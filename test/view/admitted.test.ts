import { beforeEach, expect, test } from "vitest";
import type { NamespaceSubject, PolicySubject } from "#src/model/subject.ts";
import { compilePolicy } from "#src/network/dialects/kubernetes.ts";
import type { CompiledPolicy } from "#src/network/policy.ts";
import { createAdmitted, type Admitted } from "#src/view/admitted.ts";
import type { LiveView } from "#src/view/live-view.ts";
import type { NetworkPolicy } from "#src/wire/network-policy.ts";
import { knownView, namespace, policy } from "./support.ts";

const byteLimit = 2_000;
const readAgain = (body: Buffer): CompiledPolicy =>
  compilePolicy(JSON.parse(body.toString()) as NetworkPolicy);

let now = 0;
let admitted: Admitted;
beforeEach(() => {
  now = 1_000;
  admitted = createAdmitted({ now: () => now, limit: 3, byteLimit, compile: readAgain });
});

const request = { uid: "1", operation: "CREATE", user: { name: "tom", groups: [] }, dryRun: false } as const;

function policySubject(object: NetworkPolicy): PolicySubject {
  const { name = "", namespace: of = "" } = object.metadata;
  const compiled = compilePolicy(object);
  const body = Buffer.from(JSON.stringify(object));
  return {
    ...request,
    kind: "NetworkPolicy",
    name,
    namespace: of,
    object,
    oldObject: undefined,
    compiled,
    body,
  };
}

function namespaceSubject(name: string, labels: Record<string, string>): NamespaceSubject {
  const object = { metadata: { name, labels } };
  return { ...request, kind: "Namespace", name, namespace: name, object, oldObject: undefined };
}

/** A view that tells `admitted` of what arrives. */
const joined = (...policies: NetworkPolicy[]): LiveView =>
  knownView(
    { namespaces: [namespace("shop"), namespace("bank")], networkpolicies: policies },
    { policyChanged: (of, name) => admitted.policyArrived(of, name) },
  );

const names = (view: LiveView, of = "shop"): string[] | undefined =>
  admitted
    .withAdmitted(view, of)
    .policies(of)
    ?.policies.map(({ name }) => name);

test("a policy admitted here counts before the API server tells of it", () => {
  const view = joined(policy("shop", "deny"));
  admitted.remember(policySubject(policy("shop", "dns")));
  expect(names(view)).toEqual(["deny", "dns"]);
  expect(view.policies("shop")?.policies).toHaveLength(1);
  expect(admitted.withAdmitted(view, "bank")).toBe(view);
});

test("a change admitted here counts before the API server tells of it", () => {
  const view = joined(policy("shop", "dns", { policyTypes: ["Ingress"] }));
  admitted.remember(policySubject(policy("shop", "dns")));
  const { isolates } = admitted.withAdmitted(view, "shop").policies("shop")?.get("dns") ?? {};
  expect(isolates).toEqual({ ingress: false, egress: true });
});

test("what the API server says of a policy counts from then on, also that it is gone", () => {
  const view = joined();
  const dns = policy("shop", "dns");
  admitted.remember(policySubject(dns));
  view.handlers.networkpolicies.upsert(dns);
  expect(admitted.withAdmitted(view, "shop")).toBe(view);
  view.handlers.networkpolicies.remove(dns);
  expect(names(view)).toEqual([]);
});

test("it is forgotten after ten seconds", () => {
  const view = joined();
  admitted.remember(policySubject(policy("shop", "dns")));
  admitted.remember(namespaceSubject("new", { a: "b" }));
  now += 9_999;
  expect(names(view)).toEqual(["dns"]);
  expect(admitted.namespaceLabels("new")).toBeDefined();
  now += 1;
  expect(admitted.withAdmitted(view, "shop")).toBe(view);
  expect(admitted.namespaceLabels("new")).toBeUndefined();
});

test("no more are remembered than the limit says; the oldest go first, and one remembered again is young", () => {
  const view = joined();
  for (const name of ["a", "b", "c", "a", "d"]) admitted.remember(policySubject(policy("shop", name)));
  expect(names(view)).toEqual(["a", "c", "d"]);
});

test("a policy that has no name yet is not remembered", () => {
  const view = joined();
  admitted.remember(
    policySubject({ ...policy("shop", ""), metadata: { namespace: "shop", generateName: "x-" } }),
  );
  expect(admitted.withAdmitted(view, "shop")).toBe(view);
});

test("of a namespace that is unknown the policies stay so, but its labels are remembered", () => {
  const view = joined();
  admitted.remember(namespaceSubject("new", { "ringfence.dev/enforce": "baseline", constructor: "x" }));
  admitted.remember(policySubject(policy("new", "dns")));
  expect(admitted.withAdmitted(view, "new")).toBe(view);
  expect(admitted.namespaceLabels("new")).toEqual(
    new Map([
      ["constructor", "x"],
      ["kubernetes.io/metadata.name", "new"],
      ["ringfence.dev/enforce", "baseline"],
    ]),
  );
});

test("an admission wakes those who wait for its namespace", async () => {
  const stop = new AbortController();
  const woken: string[] = [];
  const waiting = ["shop", "bank"].map((of) => admitted.changed(of, stop.signal).then(() => woken.push(of)));
  admitted.remember(policySubject(policy("shop", "dns")));
  await waiting[0];
  expect(woken).toEqual(["shop"]);
  stop.abort();
  await Promise.all(waiting);
});

test("bytes are remembered, not what was parsed; large reviews make room sooner", () => {
  const large = (name: string, bytes: number): PolicySubject => {
    const made = policySubject(policy("shop", name));
    return { ...made, body: Buffer.from(JSON.stringify(made.object).padEnd(bytes)) };
  };
  const view = joined();
  const a = large("a", 900);
  admitted.remember(a);
  a.body?.fill("x");
  admitted.remember(large("b", 900));
  expect(names(view)).toEqual(["a", "b"]);
  admitted.remember(large("c", 500));
  expect(names(view)).toEqual(["b", "c"]);
  admitted.remember(large("b", byteLimit + 1));
  expect(names(view)).toEqual(["c"]);
});
