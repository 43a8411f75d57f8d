// Canal: Calico's policies over flannel's routes, in one DaemonSet; RKE2 has it by default.

import { findAgents } from "./agents.ts";
import { felixOf, flanneldOf, judgeFelix } from "./felix.ts";
import type { Plugin } from "./plugin.ts";

export const canal: Plugin = {
  id: "canal",
  title: "Canal",
  gives: ["enforced", "not-enforced", "unknown"],
  find: (surroundings) =>
    findAgents(
      surroundings,
      (each) => felixOf(each) !== undefined && flanneldOf(each) !== undefined,
      (each) => judgeFelix(each, surroundings),
    ),
};
