import type { Direction, NetworkPolicyPeer } from "#src/wire/network-policy.ts";
import { single } from "./inputs.ts";
import type { Input } from "./inputs.ts";
import { labelled, vary } from "./policies.ts";

const pods = labelled("pod", "c");
const namespaces = labelled("ns", "x");

/** Each way to name a peer; the ranges lie around the address of z/c (world.ts): 8 bits of it open, the last 4 of them not. */
const peers: Readonly<Record<string, NetworkPolicyPeer>> = {
  "all-pods": { podSelector: {} },
  pods: { podSelector: pods },
  "all-namespaces": { namespaceSelector: {} },
  "all-namespaces+all-pods": { namespaceSelector: {}, podSelector: {} },
  "all-namespaces+pods": { namespaceSelector: {}, podSelector: pods },
  namespaces: { namespaceSelector: namespaces },
  "namespaces+all-pods": { namespaceSelector: namespaces, podSelector: {} },
  "namespaces+pods": { namespaceSelector: namespaces, podSelector: pods },
  range: { ipBlock: { cidr: "10.244.2.0/24" } },
  "range-with-exception": { ipBlock: { cidr: "10.244.2.0/24", except: ["10.244.2.0/28"] } },
};
const directions: readonly Direction[] = ["ingress", "egress"];

/** No peer, each peer, each pair of peers, in each direction. */
export function peerCases(): readonly Input[] {
  const named = Object.entries(peers);
  return [
    ...directions.map((direction) => single(`peers/${direction}/none`, vary(direction, { peers: [] }))),
    ...directions.flatMap((direction) =>
      named.map(([name, peer]) => single(`peers/${direction}/${name}`, vary(direction, { peers: [peer] }))),
    ),
    ...directions.flatMap((direction) =>
      named.flatMap(([first, a], i) =>
        named
          .slice(i + 1)
          .map(([second, b]) =>
            single(`peers/${direction}/${first},${second}`, vary(direction, { peers: [a, b] })),
          ),
      ),
    ),
  ];
}
