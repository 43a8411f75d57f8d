// flannel: routes alone; its chart can put a container with kube-network-policies beside flanneld.

import { findAgents, finding, on, onContainer } from "./agents.ts";
import { felixOf, flanneldOf } from "./felix.ts";
import { containerOf } from "./container.ts";
import type { Plugin } from "./plugin.ts";

export const flannel: Plugin = {
  id: "flannel",
  title: "flannel",
  gives: ["enforced", "not-enforced", "unknown"],
  find: (surroundings) =>
    findAgents(
      surroundings,
      (each) => flanneldOf(each) !== undefined && felixOf(each) === undefined,
      (each) => {
        const engine = containerOf(each, ["kube-network-policies"], /(^|\/)kube-network-policies$/);
        if (engine !== undefined) {
          const says = "the policy container of flannel's chart (netpol.enabled) runs beside flanneld";
          return finding("enforced", [onContainer(each, engine, undefined, says)]);
        }
        const says = "flanneld without the container kube-network-policies: it routes and polices nothing";
        return finding("not-enforced", [on(each, "spec.template.spec.containers", says)]);
      },
    ),
};
