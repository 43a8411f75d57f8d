// kindnet, the plugin of kind and minikube: enforces since kind 0.24 and since version 1.3 of its own releases.

import type { ContainerFacts } from "../../wire/cluster-facts.ts";
import { findAgents, finding, onContainer } from "./agents.ts";
import { boolOf, containerOf, flagOf, imageTag, versionOf } from "./container.ts";
import type { Enforcement, Plugin } from "./plugin.ts";

export const kindnet: Plugin = {
  id: "kindnet",
  title: "kindnet",
  gives: ["enforced", "not-enforced", "unknown"],
  find: (surroundings) =>
    findAgents(
      surroundings,
      (each) => containerOf(each, ["kindnet-cni"], /(^|\/)kindnetd?$/) !== undefined,
      (each) => {
        const daemon = containerOf(each, ["kindnet-cni"], /(^|\/)kindnetd?$/);
        if (daemon === undefined) return finding("unknown", []);
        if (boolOf(flagOf(daemon, "network-policy")) === false)
          return finding("not-enforced", [onContainer(each, daemon, "args", "--network-policy=false")]);
        const [verdict, says] = byVersion(daemon);
        return finding(verdict, [onContainer(each, daemon, "image", `${daemon.image}: ${says}`)]);
      },
    ),
};

/** The days of the images in kind 0.24, the first that enforces, and in kind 0.23. */
const firstDay = 20_240_813;
const lastDayWithout = 20_240_513;

function byVersion({ image }: ContainerFacts): readonly [Enforcement, string] {
  const tag = imageTag(image);
  const day = Number(/^v(\d{8})(-|$)/.exec(tag)?.[1] ?? Number.NaN);
  if (day >= firstDay) return ["enforced", "of kind 0.24 or later, which enforces"];
  if (day <= lastDayWithout) return ["not-enforced", "of kind 0.23 or earlier, which does not enforce"];
  const version = versionOf(tag);
  if (version === undefined) return ["unknown", "no version that tells whether it enforces"];
  const enforces = version.major > 1 || (version.major === 1 && version.minor >= 3);
  return enforces ? ["enforced", "1.3 or later, which enforces"] : ["unknown", "before 1.3"];
}
