// Weave Net: its own container enforces; the project is archived.

import { findAgents, finding, on, onContainer } from "./agents.ts";
import { containerOf } from "./container.ts";
import type { Plugin } from "./plugin.ts";

export const weaveNet: Plugin = {
  id: "weave-net",
  title: "Weave Net",
  gives: ["enforced", "not-enforced", "unknown"],
  find: (surroundings) =>
    findAgents(
      surroundings,
      (each) => each.name === "weave-net" || containerOf(each, [], /(^|\/)weave-(kube|npc)$/) !== undefined,
      (each) => {
        const npc = containerOf(each, ["weave-npc"], /(^|\/)weave-npc$/);
        if (npc === undefined)
          return finding("not-enforced", [
            on(
              each,
              "spec.template.spec.containers",
              "without the container weave-npc, which would enforce policies",
            ),
          ]);
        return finding(
          "enforced",
          [onContainer(each, npc, undefined, "weave-npc, which enforces policies")],
          ["Weave Net is archived and gets no fixes: move to another plugin."],
        );
      },
    ),
};
