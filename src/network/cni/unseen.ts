// An engine whose kinds are served and whose agents are not to be seen: it may run outside of DaemonSets, or be gone.

import { finding } from "./agents.ts";
import { namesOf } from "./container.ts";
import type { Evidence } from "../evidence.ts";
import type { Plugin } from "./plugin.ts";

/** API groups that only come with an engine, and what its agents are known by. */
const groupsOfEngines: readonly (readonly [group: string, sign: RegExp])[] = [
  ["cilium.io", /^anetd$|^cilium-agent$|(^|\/)cilium\/cilium$/],
  ["crd.projectcalico.org", /^calico-node$|(^|\/)calico\/node$/],
  ["projectcalico.org", /^calico-node$|(^|\/)calico\/node$/],
  ["crd.antrea.io", /^antrea-agent$/],
  ["k8s.ovn.org", /^ovnkube-node/],
  ["kubeovn.io", /kube-ovn/],
];

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
