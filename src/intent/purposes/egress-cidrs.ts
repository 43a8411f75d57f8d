import { byPods } from "../by-pods.ts";
import type { Purpose } from "../purpose.ts";
import { egressSpec, range, toPeers } from "../spec.ts";

/** Pods reach addresses outside of the cluster. */
export const egressCidrs: Purpose = {
  pieces: ({ intent }) =>
    byPods("allow-egress-to-cidrs", intent.allowEgressToCIDRs, ({ from }) => from).map(
      ({ purpose, labels, items }) => ({
        purpose,
        spec: egressSpec(
          labels,
          items.map(({ cidr, except, ports }) => toPeers([range(cidr, except)], ports)),
        ),
      }),
    ),
};
