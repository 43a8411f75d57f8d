import { single } from "./inputs.ts";
import type { Input } from "./inputs.ts";
import { among, base, labelled, vary } from "./policies.ts";
import type { Draft, Rule } from "./policies.ts";

/** Which pods a policy selects. */
export function targetCases(): readonly Input[] {
  return [
    ...["x", "y", "z"].map((namespace) => single(`targets/namespace-${namespace}`, { ...base, namespace })),
    ...Object.entries({
      all: {},
      "by-label": labelled("pod", "a"),
      "by-expression": among("pod", "a", "b"),
    }).map(([name, podSelector]) => single(`targets/pods-${name}`, { ...base, podSelector })),
  ];
}

/** No rule, and the rule that allows everything. */
export function ruleCases(): readonly Input[] {
  const rules: Readonly<Record<string, readonly Rule[]>> = { "deny-all": [], "allow-all": [{}] };
  return (["egress", "ingress"] as const).flatMap((direction) =>
    Object.entries(rules).map(([name, list]) =>
      single(`rules/${direction}-${name}`, { ...base, [direction]: list }),
    ),
  );
}

/** Namespaces by the label that kube-apiserver sets. */
export function namespaceCases(): readonly Input[] {
  const peers = [{ namespaceSelector: labelled("kubernetes.io/metadata.name", "z") }];
  return (["ingress", "egress"] as const).map((direction) =>
    single(`namespaces/${direction}-by-default-label`, vary(direction, { peers })),
  );
}

/** A named port of every pod of a namespace, while another namespace comes and goes. */
export function exampleCases(): readonly Input[] {
  const named: Draft = {
    name: "named-port",
    namespace: "x",
    podSelector: {},
    ingress: [{ ports: [{ port: "serve-81-tcp" }] }],
  };
  return [
    {
      id: "examples/named-port",
      steps: [
        { apply: [named] },
        { namespaces: { w: { ns: "w" } }, pods: { "w/a": { pod: "a" } } },
        { pods: { "w/a": null } },
        { namespaces: { w: null } },
        {},
        {},
        {},
      ],
    },
  ];
}

/** Policies, namespaces and pods that come, change and go. */
export function actionCases(): readonly Input[] {
  const byLabel = vary("ingress", { peers: [{ namespaceSelector: labelled("new-ns", "qrs") }] });
  const byPodLabel = vary("ingress", {
    peers: [{ podSelector: labelled("new-label", "abc"), namespaceSelector: among("ns", "y", "z") }],
  });
  return [
    { id: "actions/policy-deleted", steps: [{ apply: [base] }, { deletePolicies: ["x/base"] }] },
    {
      id: "actions/policy-updated",
      steps: [
        { apply: [base] },
        { apply: [vary("ingress", { ports: [{ protocol: "UDP", port: "serve-81-udp" }] })] },
      ],
    },
    {
      id: "actions/namespace-created,deleted",
      steps: [
        { apply: [base] },
        {
          namespaces: { "y-2": { ns: "y" } },
          pods: { "y-2/a": { pod: "a" }, "y-2/b": { pod: "b" } },
        },
        { namespaces: { "y-2": null } },
      ],
    },
    {
      id: "actions/namespace-labelled,unlabelled",
      steps: [
        { apply: [byLabel] },
        { namespaces: { y: { ns: "y", "new-ns": "qrs" } } },
        { namespaces: { y: { ns: "y" } } },
      ],
    },
    {
      id: "actions/pod-created,deleted",
      steps: [{ apply: [base] }, { pods: { "x/d": { pod: "d" } } }, { pods: { "x/d": null } }],
    },
    {
      id: "actions/pod-labelled,unlabelled",
      steps: [
        { apply: [byPodLabel] },
        { pods: { "y/b": { pod: "b", "new-label": "abc" } } },
        { pods: { "y/b": { pod: "b" } } },
      ],
    },
  ];
}
