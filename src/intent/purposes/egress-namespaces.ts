import { byPods } from "../by-pods.ts";
import type { Purpose } from "../purpose.ts";
import { egressSpec, podsOf, toPeers } from "../spec.ts";

/** Pods reach those of other namespaces. */
export const egressNamespaces: Purpose = {
  pieces: ({ intent }) =>
    byPods("allow-egress-to-namespaces", intent.allowEgressToNamespaces, ({ from }) => from).map(
      ({ purpose, labels, items }) => ({
        purpose,
        spec: egressSpec(
          labels,
          items.map(({ namespace, pods, ports }) => toPeers([podsOf(namespace, pods)], ports)),
        ),
      }),
    ),
};
