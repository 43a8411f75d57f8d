import { expect, test } from "vitest";
import type { PolicySubject } from "#src/model/subject.ts";
import type { ClusterView } from "#src/model/cluster-view.ts";
import { compilePolicy } from "#src/network/dialects/kubernetes.ts";
import { Interner } from "#src/network/interner.ts";
import { viewAfter, viewBefore } from "#src/view/change.ts";
import type { NetworkPolicy } from "#src/wire/network-policy.ts";
import { knownView, namespace, policy } from "./support.ts";

const ingress = { policyTypes: ["Ingress"] };

function subject(
  operation: PolicySubject["operation"],
  object?: NetworkPolicy,
  oldObject?: NetworkPolicy,
): PolicySubject {
  const { name = "", namespace: of = "" } = (object ?? oldObject)?.metadata ?? {};
  const user = { name: "tom", groups: [] };
  const compiled = object && compilePolicy(object, new Interner());
  return {
    uid: "1",
    kind: "NetworkPolicy",
    operation,
    name,
    namespace: of,
    user,
    dryRun: false,
    object,
    oldObject,
    compiled,
  };
}

/** Each policy of the namespace with the directions that it isolates. */
function told(view: ClusterView, of = "shop"): string[] | undefined {
  return view
    .policies(of)
    ?.policies.map(
      ({ name, isolates }) => `${name}:${isolates.ingress ? "i" : ""}${isolates.egress ? "e" : ""}`,
    );
}

const cached = (...policies: NetworkPolicy[]): ClusterView =>
  knownView({
    namespaces: [namespace("shop"), namespace("bank")],
    networkpolicies: [policy("bank", "deny"), ...policies],
  });

test("CREATE: with the policy after, without it before, whatever the cache says", () => {
  const create = subject("CREATE", policy("shop", "a"));
  for (const view of [
    cached(policy("shop", "b")),
    cached(policy("shop", "b"), policy("shop", "a", ingress)),
  ]) {
    expect(told(viewAfter(view, create))).toEqual(["a:e", "b:e"]);
    expect(told(viewBefore(view, create))).toEqual(["b:e"]);
  }
});

test("UPDATE: the old object stands before, whatever the cache says", () => {
  const update = subject("UPDATE", policy("shop", "a"), policy("shop", "a", ingress));
  for (const view of [cached(), cached(policy("shop", "a"))]) {
    expect(told(viewAfter(view, update))).toEqual(["a:e"]);
    expect(told(viewBefore(view, update))).toEqual(["a:i"]);
  }
});

test("DELETE: the old object stands before and is gone after, whatever the cache says", () => {
  const removal = subject("DELETE", undefined, policy("shop", "a", ingress));
  for (const view of [cached(), cached(policy("shop", "a"))]) {
    expect(told(viewAfter(view, removal))).toEqual([]);
    expect(told(viewBefore(view, removal))).toEqual(["a:i"]);
  }
});

test("all else is the view's", () => {
  const view = cached();
  const after = viewAfter(view, subject("CREATE", policy("shop", "a")));
  expect(told(after, "bank")).toEqual(["deny:e"]);
  expect(after.namespaces).toBe(view.namespaces);
  expect(after.dns).toBe(view.dns);
  expect(after.workloads("shop")).toBe(view.workloads("shop"));
  expect(after.dueCompanions("shop")).toEqual([]);
  expect(told(view)).toEqual([]);
});

test("unknown policies stay unknown", () => {
  const view = cached();
  const create = subject("CREATE", policy("new", "a"));
  expect(viewAfter(view, create).policies("new")).toBeUndefined();
  expect(viewBefore(view, create).policies("new")).toBeUndefined();
});
