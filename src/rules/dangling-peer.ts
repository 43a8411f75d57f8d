// A peer that means nobody now: no namespace, or no pod and no workload in those that it selects, while others stand there.
// Mostly a label that is written otherwise. Where nothing stands yet nothing is said.

import { z } from "zod";
import type { ClusterView, NamespaceDirectory } from "../model/cluster-view.ts";
import type { Budget } from "../network/budget.ts";
import { peerText, type PodPeer } from "../network/policy.ts";
import {
  isEverything,
  matches,
  namespaceNameLabel,
  satisfiable,
  type Selector,
} from "../network/selector.ts";
import { counted } from "./shared/counts.ts";
import { defineRule } from "./shared/define-rule.ts";
import { nearRequirement } from "./shared/near-labels.ts";
import { mostNamespaces, NamespaceLookup } from "./shared/places.ts";
import { podPeers } from "./shared/pod-peers.ts";

export const danglingPeer = defineRule({
  id: "dangling-peer",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: ["namespaces", "workloads"],
  options: z.strictObject({}),
  docs: {
    title: "Dangling peer",
    summary: "A peer selects no namespace, or no pod and no workload, while others stand there.",
    why: "A rule opens what its peers select. With a label that nobody carries it is stored and opens nothing, and the connection that it was written for is dropped.",
    remediation: "Write the labels that the namespace and the workload's pod template have.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors",
    ],
  },
  messages: {
    namespaces: {
      text: "no namespace is selected now by {{selector}}.",
      remedy:
        "Write the namespace's own label: {{nameLabel}} with its name, unless the namespace is still to come.",
      warning: "selects no namespace now: {{selector}}",
    },
    pods: {
      text: "{{peer}}: there is no such pod now, and no workload that makes one, in {{where}}.",
      remedy: "Write the labels of the workload's pod template, unless that is still to come.",
      warning: "selects no pod now: {{peer}}",
    },
    near: {
      text: "{{peer}}: there is no such pod now, and no workload that makes one, in {{where}}; {{example}} has {{near}}.",
      remedy: "Write: {{near}}",
      warning: "selects no pod of {{where}} now; did you mean {{near}}?",
    },
  },
  check(subject, { view, budget }) {
    const { compiled } = subject;
    const { namespaces } = view;
    if (compiled === undefined || namespaces === undefined) return [];
    const around = { view, namespaces, lookup: new NamespaceLookup(namespaces, budget), budget };
    return podPeers(compiled).flatMap(({ peer, path, direction }) => {
      const lack = lackOf(peer, subject.namespace, around);
      if (lack === undefined) return [];
      const key = `${direction} ${peerText(peer)}`;
      return [{ message: lack.message, path, key, data: { peer: peerText(peer), ...lack.data } }];
    });
  },
});

interface Surroundings {
  readonly view: ClusterView;
  readonly namespaces: NamespaceDirectory;
  readonly lookup: NamespaceLookup;
  readonly budget: Budget;
}

type Lack =
  | { readonly message: "namespaces"; readonly data: { selector: string; nameLabel: string } }
  | { readonly message: "pods"; readonly data: { where: string } }
  | { readonly message: "near"; readonly data: { where: string; near: string; example: string } };

function lackOf(
  { namespaces: selector, pods }: PodPeer,
  home: string,
  around: Surroundings,
): Lack | undefined {
  if (!satisfiable(pods)) return undefined;
  if (selector === "own") {
    if (isEverything(pods) || !isMissing(pods, home, around)) return undefined;
    const groups = around.view.workloads(home) ?? [];
    const near = nearRequirement(pods, groups, around.budget);
    return near === undefined
      ? { message: "pods", data: { where: home } }
      : { message: "near", data: { where: home, ...near } };
  }
  if (!satisfiable(selector) || meansNames(selector, around.namespaces)) return undefined;
  const selected = around.lookup.matching(selector);
  if (selected?.length === 0)
    return { message: "namespaces", data: { selector: selector.text, nameLabel: namespaceNameLabel } };
  if (selected === undefined || isEverything(pods) || selected.length > mostNamespaces) return undefined;
  if (!selected.every(({ name }) => isMissing(pods, name, around))) return undefined;
  return { message: "pods", data: { where: `the ${counted(selected.length, "namespace")} that it selects` } };
}

/** Whether others stand there and none of them is selected. */
function isMissing(pods: Selector, namespace: string, { view, budget }: Surroundings): boolean {
  const groups = view.workloads(namespace);
  if (groups === undefined || !budget.spend(groups.length)) return false;
  budget.tick(1 + groups.length);
  return groups.some(({ finished }) => !finished) && !groups.some(({ labels }) => matches(pods, labels));
}

/** A label with the names of namespaces as values: what dead-namespace-selector speaks of. */
function meansNames({ constraints }: Selector, namespaces: NamespaceDirectory): boolean {
  const [[key, constraint] = [], ...others] = constraints;
  if (key === undefined || constraint === undefined || others.length > 0) return false;
  const { complement, values } = constraint;
  return (
    key !== namespaceNameLabel && !complement && values.every((name) => namespaces.get(name) !== undefined)
  );
}
