// Where configuration requires intents: a namespace begins to enforce, or loses its intent, and has neither one of its
// own nor a default one. Its pods would be open until somebody thinks of policies.

import { z } from "zod";
import { intentAnnotation } from "../intent/read.ts";
import { namespaceFacts } from "../model/namespace-facts.ts";
import { excludedFrom, intentFor } from "../model/namespace-intent.ts";
import { effectiveModes } from "../model/modes.ts";
import { modeLabel } from "../model/profile.ts";
import { defineRule } from "./shared/define-rule.ts";

export const namespaceWithoutIntent = defineRule({
  id: "namespace-without-intent",
  profile: "baseline",
  since: "v1",
  curable: false,
  judges: "change",
  kind: "Namespace",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Namespace without intent",
    summary:
      "Where configuration requires intents, a namespace sets the enforce label or loses its intent, and has none then.",
    why: "Without policies every pod of a namespace is open, and rules about policies have nothing to judge.",
    remediation: "Declare an intent in the annotation ringfence.dev/network-policies.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies",
    ],
  },
  messages: {
    none: {
      text: "the namespace enforces {{profile}} and declares no intent, which configuration requires; no default one is for it.",
      remedy: `Add the annotation ${intentAnnotation}, with denyAll: true for instance.`,
      warning: "enforces {{profile}} and declares no intent",
    },
    removed: {
      text: "the namespace enforces {{profile}} and has no intent any more, which configuration requires; no default one is for it.",
      remedy: `Keep the annotation ${intentAnnotation}; to open the namespace, write what is to be open into it.`,
      warning: "enforces {{profile}} and loses its intent",
    },
  },
  check({ object, oldObject }, { settings }) {
    if (!settings.intents.required || object === undefined) return [];
    const after = namespaceFacts(object);
    const { profile } = effectiveModes(after.labels, settings).modes.enforce;
    if (profile === "privileged" || excludedFrom(after, settings) !== undefined) return [];
    if (intentFor(after, settings).source !== "none") return [];
    const before = oldObject === undefined ? undefined : namespaceFacts(oldObject);
    const data = { profile };
    if (before !== undefined && intentFor(before, settings).source !== "none") {
      const path = ["metadata", "annotations", intentAnnotation];
      return [{ message: "removed", path, key: "removed", data }];
    }
    const label = modeLabel("enforce");
    const chosen = after.labels.get(label);
    if (chosen === undefined || chosen === before?.labels.get(label)) return [];
    return [{ message: "none", path: ["metadata", "labels", label], key: "none", data }];
  },
});
