import type { Random } from "../../fuzz/random.ts";
import { selects } from "../../network/naive/evaluator.ts";
import { added, changed, oneOf, removed, type Mutant, type Mutator } from "../mutator.ts";
import type { PolicyObject, PolicySetCase } from "../set.ts";

/** A policy of which `where` holds, changed. */
function atPolicy(
  set: PolicySetCase,
  random: Random,
  where: (policy: PolicyObject) => boolean,
  change: (policy: PolicyObject) => Mutant,
): Mutant | undefined {
  const policy = oneOf(random, set.policies.filter(where));
  return policy === undefined ? undefined : change(policy);
}

const types = ({ spec }: PolicyObject): string => (spec.policyTypes ?? []).join();
const isolatesIngress = (policy: PolicyObject, namespace: string): boolean =>
  policy.metadata.namespace === namespace && types(policy).includes("Ingress");

export const typeMutators: readonly Mutator[] = [
  {
    id: "stale-policy-types",
    mistake: "egress rules come to a policy whose stored policyTypes say Ingress alone",
    rule: "rules-outside-policy-types",
    mutate: (set, random) =>
      atPolicy(
        set,
        random,
        ({ spec }) => (spec.egress ?? []).length > 0,
        (policy) => changed(set, policy, (spec) => (spec.policyTypes = ["Ingress"])),
      ),
  },
  {
    id: "policy-type-twice",
    mistake: "Ingress twice, where Ingress and Egress were meant",
    rule: "duplicate-policy-types",
    also: ["rules-outside-policy-types"],
    mutate: (set, random) =>
      atPolicy(
        set,
        random,
        (policy) => types(policy) === "Ingress,Egress",
        (policy) => changed(set, policy, (spec) => (spec.policyTypes = ["Ingress", "Ingress"])),
      ),
  },
  {
    id: "policy-types-left-out",
    mistake: "a policy for egress without policyTypes: it isolates ingress as well",
    rule: "newly-isolates-running-pods",
    baselineCannot: "kube-apiserver fills policyTypes in before admission; only the file shows it",
    harms: isAlone,
    mutate: (set, random) =>
      atPolicy(
        set,
        random,
        (policy) => types(policy) === "Egress" && (policy.spec.egress ?? []).length > 0,
        (policy) => changed(set, policy, (spec) => delete spec.policyTypes),
      ),
  },
  {
    id: "allow-all-beside-the-deny",
    mistake: "a policy from a search for a fault, left behind: it opens what the default deny closes",
    rule: "allow-all-ingress",
    baselineCannot: "without an intent nothing says that the namespace is to be closed; restricted denies it",
    mutate: (set) => added(set, "debug", { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] }),
  },
  {
    id: "default-deny-deleted",
    mistake: "the last policy that isolates the pods is deleted",
    rule: "last-isolating-policy-deletion",
    baselineCannot: "an uninstall deletes in any order; restricted denies it",
    harms: isAlone,
    mutate: (set, random) =>
      atPolicy(
        set,
        random,
        (policy) =>
          types(policy) === "Ingress" &&
          policy.spec.ingress === undefined &&
          set.policies.filter((other) => isolatesIngress(other, policy.metadata.namespace)).length === 1,
        (policy) => removed(set, policy),
      ),
  },
  {
    id: "policy-in-another-namespace",
    mistake: "a policy in the wrong namespace, where it selects nobody",
    rule: "dangling-policy",
    baselineCannot: "policies come before the pods that they select",
    mutate: (set, random) =>
      atPolicy(
        set,
        random,
        ({ spec, metadata }) =>
          Object.keys(spec.podSelector?.matchLabels ?? {}).length > 0 && metadata.namespace === "shop",
        (policy) => {
          const moved = { ...policy, metadata: { ...policy.metadata, namespace: "elsewhere" } };
          const place = { apiVersion: "v1", kind: "Namespace", metadata: { name: "elsewhere" } };
          const metadata = { name: "other-0", namespace: "elsewhere", labels: { other: "pod" } };
          const pod = { apiVersion: "v1", kind: "Pod", metadata, status: { podIP: "10.244.9.9" } };
          return {
            surroundings: [...set.surroundings, place, pod],
            policies: set.policies.map((each) => (each === policy ? moved : each)),
          };
        },
      ),
    also: ["missing-dns-egress"],
  },
  {
    id: "policy-misspelt",
    also: ["missing-dns-egress"],
    mistake: "the policy's own podSelector misspelt: it selects nobody",
    rule: "dangling-policy",
    baselineCannot: "policies come before the pods that they select",
    mutate: (set, random) =>
      atPolicy(
        set,
        random,
        ({ spec }) => Object.keys(spec.podSelector?.matchLabels ?? {}).length > 0,
        (policy) =>
          changed(set, policy, (spec) => {
            const [key = "app"] = Object.keys(spec.podSelector?.matchLabels ?? {});
            spec.podSelector = { matchLabels: { [key]: "wbe" } };
          }),
      ),
  },
  {
    id: "one-side-forgotten",
    mistake: "the way in is allowed, the way out of the other side is not",
    rule: "one-sided-allow",
    baselineCannot: "the other side may come with another apply",
    harms: (mutant, set) => set.recipe === "threeTiers" || set.recipe === "acrossNamespaces",
    mutate: (set, random) =>
      atPolicy(
        set,
        random,
        ({ metadata }) => metadata.name.endsWith("-out") || metadata.name === "api-to-invoices",
        (policy) => removed(set, policy),
      ),
  },
  {
    id: "deny-in-kube-system",
    mistake: "a default deny for the namespaces of all, kube-system among them",
    rule: "system-namespace-policy",
    baselineCannot: "Ringfence does not stand in the way of the cluster's own namespaces",
    mutate: (set) => added(set, "default-deny", { podSelector: {}, policyTypes: ["Ingress"] }, "kube-system"),
  },
  {
    id: "selector-contradicts-itself",
    mistake: "two values for one key, where either was meant",
    rule: "unsatisfiable-selector",
    mutate: (set, random) =>
      atPolicy(
        set,
        random,
        ({ spec }) => Object.keys(spec.podSelector?.matchLabels ?? {}).length > 0,
        (policy) =>
          changed(set, policy, (spec) => {
            const [key = "app"] = Object.keys(spec.podSelector?.matchLabels ?? {});
            const expression = { key, operator: "In", values: ["worker", "batch"] };
            spec.podSelector = { ...spec.podSelector, matchExpressions: [expression] };
          }),
      ),
  },
];

/** Whether the policy that the mistake is in selects a pod whose ingress no other policy isolates. */
function isAlone(mutant: PolicySetCase, { policies, surroundings }: PolicySetCase): boolean {
  const policy = policies.find((each) => !mutant.policies.includes(each));
  if (policy === undefined) return false;
  const { namespace } = policy.metadata;
  const isolating = policies.filter((each) => each !== policy && isolatesIngress(each, namespace));
  return surroundings.some(({ kind, metadata: { namespace: home, labels = {} } }) => {
    const isSelected = ({ spec }: PolicyObject): boolean => selects(spec.podSelector ?? {}, labels);
    return kind === "Pod" && home === namespace && isSelected(policy) && !isolating.some(isSelected);
  });
}
