import type { Direction, NetworkPolicyPort } from "#src/wire/network-policy.ts";
import { single } from "./inputs.ts";
import type { Input } from "./inputs.ts";
import { vary } from "./policies.ts";

const protocols = ["TCP", "UDP", "SCTP"];

/** Protocol (or none) by port (none, 80, 81); names of ports; ranges that end on a served port and beyond. */
const items: readonly NetworkPolicyPort[] = [
  ...[undefined, ...protocols].flatMap((protocol) =>
    [undefined, 80, 81].map((port) => ({
      ...(protocol !== undefined && { protocol }),
      ...(port !== undefined && { port }),
    })),
  ),
  ...protocols.flatMap((protocol) =>
    [80, 81].map((port) => ({ protocol, port: `serve-${port}-${protocol.toLowerCase()}` })),
  ),
  ...protocols.flatMap((protocol) => [80, 84].map((endPort) => ({ protocol, port: 53, endPort }))),
];

/** A name of another protocol, and ports that no pod serves. */
const odd: readonly NetworkPolicyPort[] = [
  { protocol: "TCP", port: "serve-81-udp" },
  { protocol: "TCP", port: "serve-7981-udp" },
  { protocol: "TCP", port: 7981 },
];

const pairs: readonly (readonly NetworkPolicyPort[])[] = [
  [{}, { port: 80 }],
  [{}, { port: "serve-80-tcp" }],
  [{}, { protocol: "UDP" }],
  [{ port: 80 }, { port: 81 }],
  [{ port: 80 }, { port: "serve-81-tcp" }],
  [{ port: 80 }, { protocol: "UDP", port: "serve-81-udp" }],
  [
    { protocol: "UDP", port: 80 },
    { protocol: "UDP", port: "serve-81-udp" },
  ],
];
const directions: readonly Direction[] = ["egress", "ingress"];

/** No port, each item alone, some pairs, in each direction. */
export function portCases(): readonly Input[] {
  const lists = [[[]], [...items, ...odd].map((item) => [item]), pairs];
  return lists.flatMap((ofLength) =>
    directions.flatMap((direction) =>
      ofLength.map((ports) => single(`ports/${direction}/${textOf(ports)}`, vary(direction, { ports }))),
    ),
  );
}

/** `80/TCP`, `53-84/UDP`, `80` where no protocol is named, `any` where there is no port; `none` for an empty list. */
function textOf(ports: readonly NetworkPolicyPort[]): string {
  if (ports.length === 0) return "none";
  return ports
    .map(({ protocol, port = "any", endPort }) => {
      const numbers = endPort === undefined ? `${port}` : `${port}-${endPort}`;
      return protocol === undefined ? numbers : `${numbers}/${protocol}`;
    })
    .join(",");
}
