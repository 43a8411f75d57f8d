// Whose ports a rule names: of ingress those of the policy's own pods, of egress those of the pods that its peers select.

import type { ClusterView } from "../../model/cluster-view.ts";
import type { Budget } from "../../network/budget.ts";
import type { AllowEntry, CompiledPolicy } from "../../network/policy.ts";
import type { NamedPort } from "../../network/ports.ts";
import { matches, type Selector } from "../../network/selector.ts";
import { obeysPolicies, type WorkloadGroup } from "../../network/workloads.ts";
import type { Direction } from "../../wire/network-policy.ts";

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
    if (namespaces === undefined || !namesLabels(peer.namespaces)) return undefined;
    const selected = namespaces.matching(peer.namespaces);
    if (found.length + selected.length > mostNamespaces) return undefined;
    for (const { name } of selected) found.push({ namespace: name, selector: peer.pods });
  }
  return found;
}

/** Whether it asks for a value of a label: otherwise nearly all namespaces are selected, and all are looked at. */
function namesLabels({ constraints }: Selector): boolean {
  for (const { absent, complement } of constraints.values()) if (!absent && !complement) return true;
  return false;
}

/** The pods of one request's questions, of each place once: many rules of a policy ask for the same. */
export class ReachedPods {
  readonly #view: Pick<ClusterView, "workloads">;
  readonly #budget: Budget;
  readonly #ports = new Map<readonly WorkloadGroup[], readonly NamedPort[]>();
  readonly #found = new Map<Selector, Map<string, readonly WorkloadGroup[] | undefined>>();

  constructor(view: Pick<ClusterView, "workloads">, budget: Budget) {
    this.#view = view;
    this.#budget = budget;
  }

  /** Pods and templates that are or will be reached there; undefined where they are not known or there is no budget left. */
  at({ namespace, selector }: PodsOfPorts): readonly WorkloadGroup[] | undefined {
    const byNamespace = this.#found.get(selector) ?? new Map<string, readonly WorkloadGroup[] | undefined>();
    this.#found.set(selector, byNamespace);
    if (!byNamespace.has(namespace)) byNamespace.set(namespace, this.#find(namespace, selector));
    return byNamespace.get(namespace);
  }

  /** The ports that they declare, each name and protocol once; undefined as above. */
  portsAt(place: PodsOfPorts): readonly NamedPort[] | undefined {
    const groups = this.at(place);
    if (groups === undefined) return undefined;
    let ports = this.#ports.get(groups);
    if (ports === undefined) {
      const byText = new Map<string, NamedPort>();
      for (const { namedPorts } of groups) {
        for (const port of namedPorts) byText.set(`${port.name}/${port.protocol}`, port);
      }
      this.#ports.set(groups, (ports = [...byText.values()]));
    }
    return ports;
  }

  #find(namespace: string, selector: Selector): readonly WorkloadGroup[] | undefined {
    const groups = this.#view.workloads(namespace);
    if (groups === undefined) return undefined;
    this.#budget.tick(groups.length);
    if (!this.#budget.spend(groups.length)) return undefined;
    return groups.filter((group) => obeysPolicies(group) && matches(selector, group.labels));
  }
}
