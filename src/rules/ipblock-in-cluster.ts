// An ipBlock that holds nothing but addresses of the cluster itself. Of a Service, plugins see the pod that it sends to;
// whether an ipBlock matches pods and nodes differs from plugin to plugin.

import { z } from "zod";
import type { ClusterView } from "../model/cluster-view.ts";
import { addressKinds, type AddressKind, type ClusterAddresses } from "../network/cluster-addresses.ts";
import type { AllowEntry } from "../network/policy.ts";
import { coversPorts, portSet } from "../network/ports.ts";
import { directions, peerList } from "../network/walk.ts";
import type { Direction } from "../wire/network-policy.ts";
import type { Cidr } from "../network/cidr.ts";
import { defineRule } from "./shared/define-rule.ts";
import { gapOf } from "./shared/plugin-gap.ts";

export const ipblockInCluster = defineRule({
  id: "ipblock-in-cluster",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: ["addresses"],
  options: z.strictObject({}),
  docs: {
    title: "ipBlock of the cluster's own addresses",
    summary:
      "An ipBlock holds only addresses of Services, of pods, or of nodes that the network plugin never matches.",
    why: "An ipBlock is meant for addresses outside of the cluster. Connections to a Service reach the plugin with the address of the pod behind it; pods change their addresses, and some plugins never match pods or nodes by address.",
    remediation: "Select the pods by labels; for a Service, those behind it.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-ipblock-selectors",
    ],
  },
  messages: {
    toServices: {
      text: "{{cidr}} holds addresses of Services alone. Most network plugins see the address of the pod behind a Service, so that this opens nothing.",
      remedy:
        "Select the pods behind the Service by labels; behind that of the API server are none: write the address at which it listens.",
      warning: "plugins see not Services but the pods behind them; select those",
    },
    fromServices: {
      text: "{{cidr}} holds addresses of Services alone, and no connection comes from one.",
      remedy: "Select the pods that connect by labels.",
      warning: "nothing comes from the addresses of Services; select the pods",
    },
    pods: {
      text: "{{cidr}} holds addresses of pods alone. Pods change their addresses, and whether an ipBlock matches pods differs from plugin to plugin.",
      remedy: "Select the pods by labels.",
      warning: "is of pods, whose addresses change; select them by labels",
    },
    podsNever: {
      text: "{{cidr}} holds addresses of pods alone, and {{plugin}} never matches pods by an ipBlock: this opens nothing.",
      remedy: "Select the pods by labels.",
      warning: "{{plugin}} never matches pods by an ipBlock; select them by labels",
    },
    nodesNever: {
      text: "{{cidr}} holds addresses of nodes alone, and {{plugin}} never matches nodes by an ipBlock: this opens nothing.",
      remedy:
        "Ask those who run the cluster for a policy of the plugin's own kind that names nodes or the API server.",
      warning: "{{plugin}} never matches nodes by an ipBlock: this opens nothing",
    },
  },
  check({ compiled }, { view, budget }) {
    const { addresses } = view;
    if (compiled?.readable !== true || addresses === undefined) return [];
    return directions.flatMap((direction) =>
      compiled[direction].flatMap((entry) => {
        budget.tick(1 + entry.peers.length);
        return blocksInCluster(entry, addresses).flatMap(({ kind, cidr, peer }) => {
          const told = whatIsWrong(kind, direction, view);
          if (told === undefined || isDns(entry, view)) return [];
          const list = peerList(direction);
          return [
            {
              message: told.message,
              path: ["spec", direction, entry.index, list, peer, "ipBlock"],
              key: `${direction} ${cidr.text}`,
              data: { cidr: cidr.text, plugin: told.plugin },
            },
          ];
        });
      }),
    );
  },
});

interface BlockInCluster {
  readonly kind: AddressKind;
  readonly cidr: Cidr;
  readonly peer: number;
}

function blocksInCluster({ peers }: AllowEntry, addresses: ClusterAddresses): readonly BlockInCluster[] {
  if (peers === "any") return none;
  let found: BlockInCluster[] | undefined;
  for (let index = 0; index < peers.length; index++) {
    const peer = peers[index];
    if (peer?.kind !== "ipBlock") continue;
    const kind = addressKinds.find((each) => addresses[each].holds(peer.cidr));
    if (kind !== undefined) (found ??= []).push({ kind, cidr: peer.cidr, peer: index });
  }
  return found ?? none;
}

const none: readonly BlockInCluster[] = [];

/** Of nodes nothing, but where a plugin is known never to match them: the API server can be named in no other way. */
function whatIsWrong(kind: AddressKind, direction: Direction, { cni }: ClusterView) {
  if (kind === "services") {
    return { message: direction === "egress" ? "toServices" : "fromServices", plugin: "" } as const;
  }
  const plugin = gapOf(cni, kind === "pods" ? "ipBlock of pods" : "ipBlock of nodes")?.plugin;
  if (plugin !== undefined) return { message: kind === "pods" ? "podsNever" : "nodesNever", plugin } as const;
  return kind === "pods" ? ({ message: "pods", plugin: "" } as const) : undefined;
}

/** A cache on the nodes answers at the address of the DNS Service, and pods ask it there. */
function isDns({ ports }: AllowEntry, { dns }: ClusterView): boolean {
  const own = dns.known
    ? dns.resolvers.flatMap(({ endpoints }) => endpoints.flatMap((each) => each.ports))
    : [];
  const dnsPorts = [{ protocol: "UDP", port: 53 } as const, { protocol: "TCP", port: 53 } as const, ...own];
  return ports !== "any" && coversPorts(portSet(dnsPorts), ports) === true;
}
