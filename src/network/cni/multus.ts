// Multus chains other plugins and polices nothing itself.

import { finding, on } from "./agents.ts";
import { imageRepository } from "./container.ts";
import type { Plugin } from "./plugin.ts";

export const multus: Plugin = {
  id: "multus",
  title: "Multus",
  gives: ["no-say"],
  find: ({ daemonSets }) => {
    const found = daemonSets.find(({ containers }) =>
      containers.some(({ name, image }) => name === "kube-multus" || /multus/.test(imageRepository(image))),
    );
    if (found === undefined) return undefined;
    const caveat =
      "NetworkPolicies concern a pod's first interface; those that Multus adds are not policed by them.";
    return finding(
      "no-say",
      [on(found, "spec.template.spec.containers", "Multus, which chains other plugins")],
      [caveat],
    );
  },
};
