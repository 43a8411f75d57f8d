import { byPods } from "../by-pods.ts";
import type { Purpose } from "../purpose.ts";
import { fromPeers, ingressSpec, podsOf } from "../spec.ts";

/** Pods of other namespaces reach these. */
export const ingressNamespaces: Purpose = {
  pieces: ({ intent }) =>
    byPods("allow-ingress-from-namespaces", intent.allowIngressFromNamespaces, ({ to }) => to).map(
      ({ purpose, labels, items }) => ({
        purpose,
        spec: ingressSpec(
          labels,
          items.map(({ namespace, pods, ports }) => fromPeers([podsOf(namespace, pods)], ports)),
        ),
      }),
    ),
};
