import type { Input } from "./inputs.ts";
import { single } from "./inputs.ts";
import { dnsRule, labelled } from "./policies.ts";
import type { Draft, Rule } from "./policies.ts";

const inX = (name: string, podSelector: Draft["podSelector"], ...ingress: readonly Rule[]): Draft => ({
  name,
  namespace: "x",
  podSelector,
  ingress,
});
const podA = labelled("pod", "a");
const fromPodAOfX: Rule = { peers: [{ namespaceSelector: labelled("ns", "x"), podSelector: podA }] };
const fromY = (port: number): Rule => ({
  peers: [{ namespaceSelector: labelled("ns", "y") }],
  ports: [{ protocol: "TCP", port }],
});
const udpDns: Rule = { ports: [{ protocol: "UDP", port: 53 }] };

/** Cases that cyclonus in turn took over from the tests of Kubernetes, in its own cluster of nine pods. */
export function upstreamCases(): readonly Input[] {
  return [
    single("upstream/deny-ingress", inX("deny", {})),
    single("upstream/deny-both-directions", { ...inX("deny", {}), egress: [dnsRule] }),
    single(
      "upstream/pods-and-namespaces-by-expression",
      inX("by-expression", podA, {
        peers: [
          {
            namespaceSelector: { matchExpressions: [{ key: "ns", operator: "NotIn", values: ["x"] }] },
            podSelector: { matchExpressions: [{ key: "pod", operator: "In", values: ["b", "c"] }] },
          },
        ],
      }),
    ),
    {
      id: "upstream/stacked-policies",
      steps: [{ apply: [inX("port-81", podA, fromY(81))] }, {}, { apply: [inX("port-80", podA, fromY(80))] }],
    },
    { id: "upstream/allow-all", steps: [{ apply: [inX("allow", {}, {})] }, {}] },
    {
      id: "upstream/named-port",
      steps: [{ apply: [inX("named", {}, { ports: [{ port: "serve-81-tcp" }] })] }, {}],
    },
    {
      id: "upstream/policy-updated",
      steps: [{ apply: [inX("changing", {}, {})] }, { apply: [inX("changing", {})] }],
    },
    {
      id: "upstream/namespace-labelled",
      steps: [
        { apply: [inX("by-label", podA, { peers: [{ namespaceSelector: labelled("ns2", "updated") }] })] },
        { namespaces: { y: { ns: "y", ns2: "updated" } } },
      ],
    },
    {
      id: "upstream/source-pod-labelled",
      steps: [
        {
          apply: [
            inX("by-label", podA, {
              peers: [{ podSelector: { matchLabels: { pod: "b", pod2: "updated" } } }],
            }),
          ],
        },
        { pods: { "x/b": { pod: "b", pod2: "updated" } } },
      ],
    },
    {
      id: "upstream/target-pod-labelled",
      steps: [
        { apply: [inX("isolate", labelled("target", "isolated"))] },
        { pods: { "x/a": { target: "isolated" } } },
      ],
    },
    {
      id: "upstream/ingress-and-egress-in-one-policy",
      steps: [
        {
          apply: [
            {
              ...inX("both", podA, { peers: [{ podSelector: labelled("pod", "b") }] }),
              egress: [{ ports: [{ port: 80 }, { protocol: "UDP", port: 53 }] }],
            },
          ],
        },
        {},
      ],
    },
    single(
      "upstream/client-side-decides-too",
      {
        name: "client",
        namespace: "x",
        podSelector: podA,
        egress: [{ peers: [{ namespaceSelector: labelled("ns", "y"), podSelector: podA }] }, udpDns],
      },
      { name: "server-a", namespace: "y", podSelector: podA, ingress: [fromPodAOfX] },
      { name: "server-b", namespace: "y", podSelector: labelled("pod", "b"), ingress: [fromPodAOfX] },
    ),
    {
      id: "upstream/policies-deleted",
      steps: [{ apply: [{ ...inX("deny", {}), egress: [] }] }, { deletePolicies: ["x/deny"] }],
    },
  ];
}
