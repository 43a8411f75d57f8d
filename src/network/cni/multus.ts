// Multus chains other plugins and polices nothing itself.

import type { WorkloadFacts } from "../../wire/cluster-facts.ts";
import { finding, on, onStranger } from "./agents.ts";
import { imageRepository } from "./container.ts";
import type { Plugin } from "./plugin.ts";

export const multus: Plugin = {
  id: "multus",
  title: "Multus",
  gives: ["no-say"],
  find: ({ daemonSets, elsewhere }) => {
    const trusted = daemonSets.find(isMultus);
    // It decides nothing anywhere: what is not trusted may still give the caveat.
    const found = trusted ?? elsewhere.find(isMultus);
    if (found === undefined) return undefined;
    const says = "Multus, which chains other plugins";
    const caveat =
      "NetworkPolicies concern a pod's first interface; those that Multus adds are not policed by them.";
    const evidence =
      trusted === undefined ? onStranger(found, says) : on(found, "spec.template.spec.containers", says);
    return finding("no-say", [evidence], [caveat]);
  },
};

function isMultus({ containers }: WorkloadFacts): boolean {
  return containers.some(
    ({ name, image }) => name === "kube-multus" || /multus/.test(imageRepository(image)),
  );
}
