// A namespaceSelector with one requirement on a label such as `name`, and among its values the name of a namespace, which
// no namespace carries there: its author took `name` for a label that Kubernetes sets. It sets
// kubernetes.io/metadata.name. Each value is judged by itself: of `name In [a, b]` where somebody labelled `a` by hand,
// the half that selects nothing would else stay unnoticed.

import type { NamespaceDirectory } from "../model/cluster-view.ts";
import type { Budget } from "../network/budget.ts";
import { compileSelector } from "../network/selector.ts";
import { selectorsOf } from "../network/walk.ts";
import type { LabelSelector } from "../wire/meta.ts";
import { docs, meansNames, namesMeant, options, replacement } from "./dead-namespace-selector-v1.ts";
import { defineRule } from "./shared/define-rule.ts";

export const deadNamespaceSelector = defineRule({
  id: "dead-namespace-selector",
  profile: "baseline",
  since: "v2",
  changed:
    "Each value of an In list is judged by itself; before, a list was a fault only where no namespace matched any of its values and all were names of namespaces.",
  // The namespace, or its label, may come with the same apply.
  curable: true,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: ["namespaces"],
  options,
  docs,
  messages: {
    dead: {
      text: "no namespace carries {{selector}}.",
      remedy: "Write: {{replacement}}",
      warning: "matches no namespace; write {{replacement}}",
    },
    some: {
      text: "no namespace carries {{selector}}.",
      remedy: "Write: {{replacement}}",
      warning: "no namespace carries {{selector}}; use kubernetes.io/metadata.name",
    },
    beside: {
      text: "no namespace carries {{selector}}; other values of the list are carried by namespaces of other names.",
      remedy: "Select it by its name, in an item of its own: {{replacement}}",
      warning: "no namespace carries {{selector}}; use kubernetes.io/metadata.name",
    },
  },
  check(subject, { view, options: { keys }, budget }) {
    const spec = subject.object?.spec;
    const namespaces = view.namespaces;
    if (spec === undefined || namespaces === undefined) return [];
    return selectorsOf(spec, meansNames, { keys, budget }).flatMap(({ path, selector }) => {
      const key = keyOf(selector);
      const values = namesMeant(selector, keys) ?? [];
      const dead = deadValues(key, values, namespaces, budget);
      if (dead.length === 0) return [];
      const message = messageOf(key, values, dead, namespaces);
      return [
        {
          message,
          // The peer is what is wrong, not the selector inside it.
          path: path.slice(0, -1),
          key,
          scope: { kind: "elements" as const, ids: new Set(dead) },
          data: {
            selector: pairs(key, dead),
            replacement: replacement(message === "beside" ? dead : values),
          },
        },
      ];
    });
  },
});

/** The label of its one requirement. */
function keyOf({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  return Object.keys(matchLabels)[0] ?? matchExpressions[0]?.key ?? "";
}

/** Values that are the name of a namespace and that no namespace carries as the label. */
function deadValues(
  key: string,
  values: readonly string[],
  namespaces: NamespaceDirectory,
  budget: Budget,
): readonly string[] {
  budget.tick(values.length);
  return values.filter(
    (value) => namespaces.get(value) !== undefined && carriers(key, value, namespaces).length === 0,
  );
}

/** Where the live values mean no more than their names, the whole list can be written by names. */
function messageOf(
  key: string,
  values: readonly string[],
  dead: readonly string[],
  namespaces: NamespaceDirectory,
): "dead" | "some" | "beside" {
  if (dead.length === values.length) return "dead";
  const live = values.filter((value) => !dead.includes(value));
  const byName = live.every((value) => carriers(key, value, namespaces).every((name) => name === value));
  return byName ? "some" : "beside";
}

function carriers(key: string, value: string, namespaces: NamespaceDirectory): readonly string[] {
  const selector = compileSelector({ matchLabels: { [key]: value } }, "namespaces");
  return selector === undefined ? [] : namespaces.matching(selector).map(({ name }) => name);
}

/** How many values one message spells out. */
const spelled = 5;

function pairs(key: string, values: readonly string[]): string {
  const more = values.length > spelled ? ` or ${values.length - spelled} more` : "";
  const shown = values.slice(0, spelled).map((value) => `${key}=${value}`);
  return `${shown.join(" or ")}${more}`;
}
