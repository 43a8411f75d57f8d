// Plugins that enforce, or may, and that are not judged here: beside them it cannot be said that nothing is enforced.

import type { WorkloadFacts } from "../../wire/cluster-facts.ts";
import { finding, on, onStranger, strangerLine } from "./agents.ts";
import { namesOf } from "./container.ts";
import type { Plugin } from "./plugin.ts";

/** What they are known by. */
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
  find: ({ daemonSets, elsewhere }) => {
    const here = daemonSets.flatMap((each) => signOf(each).map((says) => on(each, "metadata.name", says)));
    // One is enough: it makes the verdict unknown, and a tenant could make any number.
    const stranger = elsewhere.find((each) => signOf(each).length > 0);
    if (stranger === undefined) return here.length === 0 ? undefined : finding("unknown", here);
    const evidence = [...here, ...signOf(stranger).map((says) => onStranger(stranger, says))];
    return { ...finding("unknown", evidence), missing: [strangerLine(stranger)] };
  },
};

/** What it is a sign of; empty where it is none. */
function signOf(daemonSet: WorkloadFacts): readonly string[] {
  const names = namesOf(daemonSet);
  if (judged.some((sign) => names.some((name) => sign.test(name)))) return [];
  const sign = unjudged.find(([, pattern]) => names.some((name) => pattern.test(name)));
  return sign === undefined ? [] : [`${sign[0]}, which Ringfence cannot judge`];
}

/** Those have files of their own. */
const judged = [/aws-network-policy-agent/, /kube-network-policies$/, /(^|\/)kube-flannel/];
