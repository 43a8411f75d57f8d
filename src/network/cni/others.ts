// What Ringfence does not know well enough to say that nothing is enforced beside it.

import type { WorkloadFacts } from "../../wire/cluster-facts.ts";
import { finding, on } from "./agents.ts";
import { imageRepository } from "./container.ts";
import type { Evidence, Plugin } from "./plugin.ts";

/** A plugin that chains others and polices nothing itself. */
export const multus: Plugin = {
  id: "multus",
  title: "Multus",
  gives: ["no-say"],
  find: ({ daemonSets }) => {
    const found = daemonSets.find(({ containers }) =>
      containers.some(({ name, image }) => name === "kube-multus" || /multus/.test(imageRepository(image))),
    );
    if (found === undefined) return undefined;
    const caveat =
      "NetworkPolicies concern a pod's first interface; those that Multus adds are not policed by them.";
    return finding(
      "no-say",
      [on(found, "spec.template.spec.containers", "Multus, which chains other plugins")],
      [caveat],
    );
  },
};

/** Plugins that enforce, or may, and that are not judged here. */
const unjudged: readonly (readonly [title: string, sign: RegExp])[] = [
  ["Kube-OVN", /kube-ovn/],
  ["Terway", /terway/],
  ["VMware NSX", /(^|[-/])nsx-(node-agent|ncp)/],
  ["Tungsten Fabric", /contrail|tungsten/],
  ["Cisco ACI", /aci-containers/],
  ["Nuage", /nuage/],
  ["Romana", /romana/],
  ["an engine for network policies", /netpol|network-?polic(y|ies)/],
];

export const unjudgedAgents: Plugin = {
  id: "unjudged",
  title: "a plugin that is not judged",
  gives: ["unknown"],
  find: ({ daemonSets }) => {
    const evidence = daemonSets.flatMap((each) => {
      const names = namesOf(each);
      if (judged.some((sign) => names.some((name) => sign.test(name)))) return [];
      const sign = unjudged.find(([, pattern]) => names.some((name) => pattern.test(name)));
      return sign === undefined
        ? []
        : [on(each, "metadata.name", `${sign[0]}, which Ringfence cannot judge`)];
    });
    return evidence.length === 0 ? undefined : finding("unknown", evidence);
  },
};

/** Those have files of their own. */
const judged = [/aws-network-policy-agent/, /kube-network-policies$/, /(^|\/)kube-flannel/];

/** API groups that only come with an engine, and what its DaemonSets are known by. */
const groupsOfEngines: readonly (readonly [group: string, sign: RegExp])[] = [
  ["cilium.io", /cilium|^anetd$/],
  ["crd.projectcalico.org", /calico|canal/],
  ["projectcalico.org", /calico|canal/],
  ["crd.antrea.io", /antrea/],
  ["k8s.ovn.org", /ovn/],
  ["kubeovn.io", /ovn/],
];

/** An engine whose kinds are served and whose agents are not to be seen: it may run outside the cluster's DaemonSets. */
export const unseenEngines: Plugin = {
  id: "unseen",
  title: "an engine whose agents are not seen",
  gives: ["unknown"],
  find: ({ daemonSets, facts }) => {
    const served = facts.apiGroups.state === "read" ? facts.apiGroups.value : [];
    const evidence = groupsOfEngines.flatMap(([group, sign]): Evidence[] => {
      if (!served.includes(group) || daemonSets.some((each) => namesOf(each).some((name) => sign.test(name))))
        return [];
      const says = "the kinds of a policy engine are served, and none of its DaemonSets is here";
      return [{ object: `API group ${group}`, field: "/apis", says }];
    });
    return evidence.length === 0 ? undefined : finding("unknown", evidence);
  },
};

function namesOf({ name, containers }: WorkloadFacts): readonly string[] {
  return [name, ...containers.flatMap((each) => [each.name, imageRepository(each.image)])];
}
