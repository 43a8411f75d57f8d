// Calico, also as the policy engine beside another plugin: AWS VPC CNI, AKS, GKE without Dataplane V2.

import { findAgents } from "./agents.ts";
import { felixOf, flanneldOf, judgeFelix } from "./felix.ts";
import type { Plugin } from "./plugin.ts";

export const calico: Plugin = {
  id: "calico",
  title: "Calico",
  gives: ["enforced", "not-enforced", "unknown"],
  find: (surroundings) =>
    findAgents(
      surroundings,
      (each) => felixOf(each) !== undefined && flanneldOf(each) === undefined,
      (each) => judgeFelix(each, surroundings),
    ),
};
