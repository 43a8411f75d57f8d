import { Interner } from "#src/network/interner.ts";
import { compilePolicy } from "#src/network/dialects/kubernetes.ts";
import type { NamespaceSubject, PolicySubject } from "#src/model/subject.ts";
import type { Namespace } from "#src/wire/namespace.ts";
import type { NetworkPolicy, NetworkPolicySpec } from "#src/wire/network-policy.ts";

const interner = new Interner();

/** Compiles as the server does. */
export function compile(policy: NetworkPolicy) {
  return compilePolicy(policy, interner);
}

/** A policy `shop/api` that allows ingress from pods app=web, and what the test is about. */
export function policy(
  spec: NetworkPolicySpec = {
    podSelector: { matchLabels: { app: "api" } },
    policyTypes: ["Ingress"],
    ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }] }],
  },
  metadata: NetworkPolicy["metadata"] = {},
): NetworkPolicy {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "api", namespace: "shop", ...metadata },
    spec,
  };
}

type Change<S> = Partial<Omit<S, "kind" | "compiled">>;

/** A request for a policy: CREATE by the tenant tom unless said otherwise. */
export function policySubject(change: Change<PolicySubject> = {}): PolicySubject {
  const operation = change.operation ?? "CREATE";
  const object = operation === "DELETE" ? undefined : (change.object ?? policy());
  const oldObject = operation === "CREATE" ? undefined : (change.oldObject ?? policy());
  return {
    kind: "NetworkPolicy",
    uid: "0b4c",
    operation,
    namespace: "shop",
    name: (object ?? oldObject)?.metadata.name ?? "",
    user: tom,
    dryRun: false,
    ...change,
    object,
    oldObject,
    compiled: object === undefined ? undefined : compile(object),
  };
}

const tom = { name: "tom", groups: ["devs", "system:authenticated"] };

/** A Namespace with these labels. */
export function namespace(labels: Record<string, string>, name = "shop"): Namespace {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

/** A request for a Namespace: CREATE by the tenant tom unless said otherwise. */
export function namespaceSubject(change: Change<NamespaceSubject> = {}): NamespaceSubject {
  const object = change.object ?? namespace({});
  return {
    kind: "Namespace",
    uid: "0b4c",
    operation: "CREATE",
    namespace: object.metadata.name ?? "",
    name: object.metadata.name ?? "",
    user: tom,
    dryRun: false,
    oldObject: undefined,
    ...change,
    object,
  };
}
