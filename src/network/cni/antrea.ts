// Antrea: its controller computes what the agents then program.

import { findAgents, finding, onContainer } from "./agents.ts";
import { containerOf } from "./container.ts";
import { needs } from "./deployment.ts";
import type { Plugin } from "./plugin.ts";

export const antrea: Plugin = {
  id: "antrea",
  title: "Antrea",
  gives: ["enforced", "not-enforced", "unknown"],
  find: (surroundings) =>
    findAgents(
      surroundings,
      (each) => containerOf(each, ["antrea-agent"]) !== undefined,
      (each) => {
        const agent = containerOf(each, ["antrea-agent"]);
        if (agent === undefined) return finding("unknown", []);
        const found = finding("enforced", [
          onContainer(each, agent, "image", `${agent.image}: the agent of Antrea`),
        ]);
        const id = `${each.namespace}/antrea-controller`;
        return needs(found, id, surroundings.facts.deployments.get(id), "computes policies for the agents");
      },
    ),
};
