// Whose ports a rule names: of ingress those of the policy's own pods, of egress those of the pods that its peers select.

import type { ClusterView } from "../model/cluster-view.ts";
import type { AllowEntry, CompiledPolicy } from "../network/policy.ts";
import { matches, type Selector } from "../network/selector.ts";
import type { WorkloadGroup } from "../network/workloads.ts";
import type { Direction } from "../wire/network-policy.ts";

/** Pods of one namespace. */
export interface PodsOfPorts {
  readonly namespace: string;
  readonly selector: Selector;
}

/** A rule for so many namespaces is meant for whatever stands in them: nobody looks at all of them. */
const mostNamespaces = 20;

/** Undefined where it cannot be said: any peer at all, too many namespaces, or they are not known. Addresses are left out. */
export function podsOfPorts(
  policy: CompiledPolicy,
  direction: Direction,
  { peers }: AllowEntry,
  { namespaces }: Pick<ClusterView, "namespaces">,
): readonly PodsOfPorts[] | undefined {
  if (direction === "ingress") return [{ namespace: policy.namespace, selector: policy.subject }];
  if (peers === "any") return undefined;
  const found: PodsOfPorts[] = [];
  for (const peer of peers) {
    if (peer.kind === "ipBlock") continue;
    if (peer.namespaces === "own") {
      found.push({ namespace: policy.namespace, selector: peer.pods });
      continue;
    }
    if (namespaces === undefined) return undefined;
    const selected = namespaces.matching(peer.namespaces);
    if (found.length + selected.length > mostNamespaces) return undefined;
    for (const { name } of selected) found.push({ namespace: name, selector: peer.pods });
  }
  return found;
}

/** Pods and templates that are or will be reached there; undefined where the namespace's are not known. */
export function reachedPods(
  { namespace, selector }: PodsOfPorts,
  view: Pick<ClusterView, "workloads">,
): readonly WorkloadGroup[] | undefined {
  return view
    .workloads(namespace)
    ?.filter(
      ({ hostNetwork, terminating, finished, labels }) =>
        !hostNetwork && !terminating && !finished && matches(selector, labels),
    );
}
