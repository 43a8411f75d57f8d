// What all-namespaces-ingress and all-namespaces-egress have in common.

import type { RuleContext } from "../../model/rule.ts";
import type { PolicySubject } from "../../model/subject.ts";
import type { Budget } from "../../network/budget.ts";
import { dnsPorts, portsBesideDns } from "../../network/dns-ports.ts";
import { compilePorts, describePorts, isEmptyPorts } from "../../network/ports.ts";
import { everything } from "../../network/selector.ts";
import { peersOf, selectsEverything } from "../../network/walk.ts";
import type { Direction, NetworkPolicyPeer } from "../../wire/network-policy.ts";
import { countedNow } from "./counts.ts";
import { openedBy, openingsOf } from "./openings.ts";

/**
 * Items that select every namespace and all of its pods. `podSelector: {}` beside it takes nothing away. Of egress, DNS
 * may be asked for everywhere: that is how it is written where the resolver's namespace differs from cluster to cluster.
 */
export function allNamespaces(
  subject: PolicySubject,
  direction: Direction,
  { view, budget }: Pick<RuleContext<unknown>, "view" | "budget">,
) {
  const spec = subject.object?.spec;
  if (spec === undefined) return [];
  return peersOf(spec, [direction], isEveryPod, budget).flatMap((at) => {
    const { ports: written } = at.rule;
    const left =
      direction === "egress" ? portsBesideDns(written, dnsPorts(view.dns)) : compilePorts(written).ports;
    if (left !== "any" && isEmptyPorts(left)) return [];
    return [
      {
        message: "all" as const,
        path: at.path,
        ...openingsOf(subject, direction, [{ ...openedBy(at), ports: left }]),
        data: {
          ports: describePorts(left),
          now: countedNow(view.namespaces?.matching(everything("namespaces")).length, "namespace"),
        },
      },
    ];
  });
}

function isEveryPod({ namespaceSelector, podSelector }: NetworkPolicyPeer, budget: Budget): boolean {
  budget.tick();
  return (
    namespaceSelector !== undefined &&
    selectsEverything(namespaceSelector, "namespaces") &&
    (podSelector === undefined || selectsEverything(podSelector, "pods"))
  );
}
