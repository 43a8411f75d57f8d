// Namespaces with what stands in them, as far as it is known.

import type { ClusterView } from "../model/cluster-view.ts";
import type { Place } from "../network/edges.ts";
import type { PolicySet } from "../network/policy-set.ts";
import type { PodPeer } from "../network/policy.ts";

/** So many namespaces are looked at for one peer, and for one request. */
export const mostNamespaces = 20;

/** A namespace with its labels, policies, pods and templates; undefined where one of them is not known. */
export function placeIn(
  namespace: string,
  view: ClusterView,
): (Place & { readonly policies: PolicySet }) | undefined {
  const facts = view.namespaces?.get(namespace);
  const policies = view.policies(namespace);
  const groups = view.workloads(namespace);
  if (facts === undefined || policies === undefined || groups === undefined) return undefined;
  // What policies of a kind that is not modelled close or open is not known.
  if (view.unmodelledPolicies(namespace).length > 0) return undefined;
  return { namespace: { name: facts.name, labels: facts.labels }, policies, groups };
}

/** The namespaces that a peer means, all of them; undefined where they are too many, or one is not known. */
export function placesMeant(
  { namespaces }: Pick<PodPeer, "namespaces">,
  home: Place,
  view: ClusterView,
): readonly Place[] | undefined {
  if (namespaces === "own") return [home];
  const meant = view.namespaces?.matching(namespaces);
  if (meant === undefined || meant.length > mostNamespaces) return undefined;
  const places = meant.map(({ name }) => (name === home.namespace.name ? home : placeIn(name, view)));
  return places.every((place) => place !== undefined) ? places : undefined;
}
