// OpenShift SDN, which OVN-Kubernetes replaced.

import { whyUnknown } from "../../wire/cluster-facts.ts";
import { findAgents, finding } from "./agents.ts";
import type { Plugin, PluginFinding, Surroundings } from "./plugin.ts";

export const openShiftSdn: Plugin = {
  id: "openshift-sdn",
  title: "OpenShift SDN",
  gives: ["enforced", "not-enforced", "unknown"],
  find: (surroundings) =>
    findAgents(
      surroundings,
      ({ name, namespace }) => name === "sdn" && namespace === "openshift-sdn",
      () => judge(surroundings),
    ),
};

/** Of its three modes one enforces. */
function judge({ facts }: Surroundings): PluginFinding {
  const fact = facts.openShiftSdnPlugin;
  if (fact.state !== "read")
    return {
      ...finding("unknown", []),
      missing: [whyUnknown(fact) ?? "ClusterNetwork default does not exist"],
    };
  const evidence = [{ object: "ClusterNetwork default", field: "pluginName", says: fact.value }];
  switch (fact.value) {
    case "redhat/openshift-ovs-networkpolicy":
      return finding("enforced", evidence, [
        "OpenShift 4.5 and earlier ignore egress rules and the except of an ipBlock.",
        "OpenShift 4.17 and later do not have this plugin any more: move to OVN-Kubernetes.",
      ]);
    case "redhat/openshift-ovs-multitenant":
    case "redhat/openshift-ovs-subnet":
      return finding("not-enforced", evidence);
    default:
      return finding("unknown", evidence);
  }
}
