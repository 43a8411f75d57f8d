// A namespaceSelector with one requirement on a label such as `name`, which no namespace carries, although every value
// is the name of a namespace: its author took `name` for a label that Kubernetes sets. It sets kubernetes.io/metadata.name.
// The behaviour of v1: a list of values is looked at as a whole.

import { z } from "zod";
import type { NamespaceDirectory } from "../model/cluster-view.ts";
import type { Budget } from "../network/budget.ts";
import { compileSelector, type SelectorDomain } from "../network/selector.ts";
import { selectorKey, selectorsOf, selectorText } from "../network/walk.ts";
import type { LabelSelector } from "../wire/meta.ts";
import { defineRule } from "./shared/define-rule.ts";

const nameLabel = "kubernetes.io/metadata.name";

/** Of every version. */
export const options = z.strictObject({
  keys: z
    .array(z.string().min(1))
    .default(["name", "ns", "namespace"])
    .describe("labels that people take for the namespace's name"),
});

/** Of every version. */
export const docs = {
  title: "Dead namespace selector",
  summary:
    "A namespaceSelector asks for a label such as name, which no namespace carries, with the name of a namespace as value.",
  why: "Kubernetes sets no label `name`. It labels each namespace with kubernetes.io/metadata.name; a selector by any other label matches only where somebody set it.",
  remediation: "Select the namespace by kubernetes.io/metadata.name.",
  references: [
    "https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name",
  ],
} as const;

export const deadNamespaceSelectorV1 = defineRule({
  id: "dead-namespace-selector",
  profile: "baseline",
  since: "v1",
  until: "v2",
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
  },
  check(subject, { view, options, budget }) {
    const spec = subject.object?.spec;
    const namespaces = view.namespaces;
    if (spec === undefined || namespaces === undefined) return [];
    const { keys } = options;
    return selectorsOf(spec, meansNames, { keys, budget }).flatMap((at) => {
      const { domain, selector } = at;
      const values = namesMeant(selector, keys) ?? [];
      if (!isDead(selector, values, namespaces)) return [];
      const data = { selector: selectorText(selector), replacement: replacement(values) };
      // The peer is what is wrong, not the selector inside it.
      const key = selectorKey(selector, domain);
      return [{ message: "dead" as const, path: at.path.slice(0, -1), key, data }];
    });
  },
});

/** Whether it is one of namespaces that means them by name. */
export function meansNames(
  selector: LabelSelector,
  domain: SelectorDomain,
  { keys, budget }: { readonly keys: readonly string[]; readonly budget: Budget },
): boolean {
  budget.tick();
  return domain === "namespaces" && namesMeant(selector, keys) !== undefined;
}

/** The values of a selector with exactly one requirement, a pair or In, on one of the keys. */
export function namesMeant(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  keys: readonly string[],
): readonly string[] | undefined {
  const labels = Object.keys(matchLabels);
  if (labels.length + matchExpressions.length !== 1) return undefined;
  const key = labels[0];
  const only = matchExpressions[0];
  if (key !== undefined) return keys.includes(key) ? [matchLabels[key] ?? ""] : undefined;
  return only?.operator === "In" && keys.includes(only.key) ? only.values : undefined;
}

function isDead(selector: LabelSelector, values: readonly string[], namespaces: NamespaceDirectory): boolean {
  const compiled = compileSelector(selector, "namespaces");
  return (
    compiled !== undefined &&
    values.length > 0 &&
    values.every((value) => namespaces.get(value) !== undefined) &&
    namespaces.matching(compiled).length === 0
  );
}

/** What selects the namespaces of these names. */
export function replacement(values: readonly string[]): string {
  const [value] = values;
  if (values.length === 1 && value !== undefined) return `${nameLabel}: ${value}`;
  return `matchExpressions: [{key: ${nameLabel}, operator: In, values: [${values.join(", ")}]}]`;
}
