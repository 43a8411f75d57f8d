import { byPods } from "../by-pods.ts";
import type { Purpose } from "../purpose.ts";
import { fromPeers, ingressSpec, range } from "../spec.ts";

/** Addresses outside of the cluster, such as an external load balancer's, reach the pods. */
export const ingressCidrs: Purpose = {
  pieces: ({ intent }) =>
    byPods("allow-ingress-from-cidrs", intent.allowIngressFromCIDRs, ({ to }) => to).map(
      ({ purpose, labels, items }) => ({
        purpose,
        spec: ingressSpec(
          labels,
          items.map(({ cidr, except, ports }) => fromPeers([range(cidr, except)], ports)),
        ),
      }),
    ),
};
