// Plugins that enforce, or may, and that are not judged here: beside them it cannot be said that nothing is enforced.

import { finding, on } from "./agents.ts";
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
