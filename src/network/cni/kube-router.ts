// kube-router: its firewall is one of three functions, on unless --run-firewall=false.

import { findAgents, finding, onContainer } from "./agents.ts";
import { boolOf, containerOf, flagOf } from "./container.ts";
import type { Plugin } from "./plugin.ts";

export const kubeRouter: Plugin = {
  id: "kube-router",
  title: "kube-router",
  gives: ["enforced", "not-enforced", "unknown"],
  find: (surroundings) =>
    findAgents(
      surroundings,
      (each) => containerOf(each, ["kube-router"], /(^|\/)kube-router$/) !== undefined,
      (each) => {
        const router = containerOf(each, ["kube-router"], /(^|\/)kube-router$/);
        if (router === undefined) return finding("unknown", []);
        const given = flagOf(router, "run-firewall");
        const says =
          given === undefined ? "no --run-firewall, which is on by default" : `--run-firewall=${given}`;
        const evidence = [onContainer(each, router, "args", says)];
        const runs = boolOf(given ?? "true");
        if (runs !== true) return finding(runs === false ? "not-enforced" : "unknown", evidence);
        const caveats = [];
        if (flagOf(router, "service-cluster-ip-range") === undefined)
          caveats.push(
            "Without --service-cluster-ip-range connections through Services outside 10.96.0.0/12 may be refused.",
          );
        if (boolOf(flagOf(router, "netpol-default-deny")) !== true)
          caveats.push(
            "A pod is open for a moment at its start (--netpol-default-deny closes it, where this version has it).",
          );
        return finding("enforced", evidence, caveats);
      },
    ),
};
