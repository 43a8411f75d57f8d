import { z } from "zod";
import { profiles, versions } from "../model/profile.ts";
import { ceilingSchema } from "../intent/ceiling.ts";
import { cidr } from "../intent/scalars.ts";
import type { Rule } from "../model/rule.ts";
import { newestOf } from "../model/rule-versions.ts";
import { apiServer } from "./api-server.ts";
import { dns } from "./dns.ts";
import { ingressControllers } from "./ingress-controllers.ts";
import { intents } from "./intents.ts";
import { labelKey, namespaceName } from "../document/kubernetes-names.ts";
import { day, durationUpTo, policyPattern, principal } from "./scalars.ts";

export const apiVersion = "config.ringfence.dev/v1alpha1";
export const kind = "RingfenceConfiguration";

/**
 * The namespaces that the `validate` webhook entry excludes; the installation's manifests name the same. Network plugins
 * run in them by their own manifests; a DaemonSet elsewhere is not believed to be one.
 */
export const defaultSystemNamespaces: readonly string[] = [
  "kube-system",
  "kube-node-lease",
  "kube-public",
  "ringfence-system",
  "tigera-operator",
  "calico-system",
  "calico-apiserver",
  "cilium",
  "kube-flannel",
  "ovn-kubernetes",
  "openshift-ovn-kubernetes",
  "openshift-sdn",
];

const profile = (text: string) => z.enum(profiles).default("privileged").describe(text);

const version = (mode: string) =>
  z
    .string()
    .regex(new RegExp(`^(${versions.join("|")})$`), {
      error: `must be a version; allowed values: ${versions.join(", ")}`,
    })
    .default("latest")
    .describe(
      `Version of the rules for ${mode}: latest, or an older one, whose behaviour is kept (${versions.slice(1).join(", ")}).`,
    );

const defaults = z
  .strictObject({
    enforce: profile("Requests that break this profile are denied."),
    enforceVersion: version("enforce"),
    warn: profile("Requests that break this profile are allowed with a warning for each finding."),
    warnVersion: version("warn"),
    audit: profile("Requests that break this profile are allowed with audit annotations and counted."),
    auditVersion: version("audit"),
    patch: profile("The safe fixes of this profile's rules are applied."),
    patchVersion: version("patch"),
  })
  .prefault({})
  .describe("What a namespace without mode labels gets.");

const floor = z
  .strictObject({
    enforce: profile("The least profile that a namespace may enforce."),
    warn: profile("The least profile of which a namespace is warned."),
    audit: profile("The least profile that is audited in a namespace."),
  })
  .prefault({})
  .describe("The least that a namespace's labels may choose; whatever they say, no namespace gets less.");

const list = <Item extends z.ZodType>(item: Item, text: string) => z.array(item).default([]).describe(text);

const operators = z
  .strictObject({
    users: list(principal, "User names, as the API server knows them."),
    groups: list(principal, "Group names."),
  })
  .refine(({ users, groups }) => users.length + groups.length > 0, {
    error: "names nobody; name a user or a group, or leave the section out",
  })
  .optional()
  .describe(
    "Who may loosen a namespace's labels and set protected labels. Without this section the guards that need operators only warn.",
  );

const exemptions = z
  .strictObject({
    users: list(principal, "Users whose requests are never judged."),
    groups: list(principal, "Groups whose requests are never judged."),
    namespaces: list(namespaceName, "Namespaces, by name, that are never judged."),
  })
  .prefault({})
  .describe("Requests that are never judged. They are counted.");

const count = (fallback: number, most: number, text: string) =>
  z.int().min(1).max(most).default(fallback).describe(text);

const limits = z
  .strictObject({
    rules: count(1000, 100_000, "Per policy: ingress and egress rules together."),
    peers: count(5000, 100_000, "Per policy: peers of all rules together."),
    ports: count(2000, 100_000, "Per policy: ports of all rules together."),
    requirements: count(
      500,
      100_000,
      "Per selector: labels, expressions and the values of expressions together.",
    ),
  })
  .prefault({})
  .describe("A policy beyond these is a finding of the rule too-complex.");

const systemNamespaces = z
  .strictObject({
    names: z
      .array(namespaceName)
      .default([...defaultSystemNamespaces])
      .describe(
        "The namespaces; a list here replaces the default one. The webhook configurations exclude the same. What looks like a network plugin's agent is believed in these alone.",
      ),
    action: z
      .enum(["warn", "deny"])
      .default("warn")
      .describe("What a finding in a system namespace comes to."),
  })
  .prefault({})
  .describe("Namespaces that run the cluster: few rules judge them, and by default these only warn.");

// `on` is a boolean for YAML 1.1, and so wherever the file passed through Helm or kubectl as YAML.
const enforcement = z
  .literal(["on", "warn", "off", true, false])
  .default("on")
  .describe(
    "on: findings deny where the namespace enforces. warn: every denial becomes a warning. off: nothing is judged. true and false are read as on and off.",
  );

function exceptions(excusable: z.ZodType<string>) {
  const item = z.strictObject({
    rule: excusable.describe("The rule that is switched off; guards cannot be."),
    namespace: namespaceName.describe("The namespace for which it is."),
    policies: policyPattern.describe("The name of the policy; * stands for any run of characters."),
    reason: z
      .string()
      .trim()
      .min(1, { error: "must say why" })
      .max(500, { error: "must not be longer than 500 characters" })
      .describe("Why; it is logged with every use."),
    until: day.optional().describe("The last day on which it counts, YYYY-MM-DD, UTC. Without it: no end."),
  });
  return list(item, "One rule switched off for some policies of one namespace.");
}

const clusterAddresses = z
  .strictObject({
    pods: list(cidr, "Ranges of pods."),
    services: list(cidr, "Ranges of Services' cluster IPs."),
    nodes: list(cidr, "Ranges of nodes."),
  })
  .prefault({})
  .describe(
    "Address ranges of this cluster, besides those that Nodes and ServiceCIDRs tell; ipblock-in-cluster and single-family-ipblock ask for them.",
  );

const ceiling = ceilingSchema
  .optional()
  .describe(
    "What no policy and no intent may open more than, written as rules of NetworkPolicies; only operators may. Without it what a namespace closes its own policies may open again.",
  );

const companions = z
  .strictObject({
    dns: z
      .enum(["intent", "onDemand", "never"])
      .default("intent")
      .describe(
        "intent: DNS is opened where an intent closes egress. onDemand: besides wherever a policy isolates egress in a namespace that enforces. never: somebody else opens it.",
      ),
  })
  .prefault({})
  .describe("The policies that Ringfence itself writes and keeps.");

/**
 * The schema of the configuration file for these rules: strict, every default filled in. The reference page and the
 * JSON schema are generated from it.
 */
export function configurationSchema(all: readonly Rule[]) {
  const rules = newestOf(all);
  const guards = new Set(rules.filter((rule) => rule.profile === "guard").map((rule) => rule.id));
  const values = rules.map((rule) => rule.id).filter((id) => !guards.has(id));
  // Not an enum: guards get an answer of their own.
  const excusable = z
    .string()
    .superRefine((id, context) => {
      if (guards.has(id))
        context.addIssue({ code: "custom", message: "is a guard; guards cannot be waived or excepted" });
      else if (!values.includes(id)) context.addIssue({ code: "invalid_value", values, input: id });
    })
    .meta({ enum: values });
  const options = rules.map(
    (rule) => [rule.id, rule.options.prefault({}).describe(rule.docs.summary)] as const,
  );
  return z.strictObject({
    apiVersion: z.literal(apiVersion).describe("The version of this format."),
    kind: z.literal(kind).describe("The kind of this file."),
    enforcement,
    defaults,
    floor,
    operators,
    exemptions,
    exceptions: exceptions(excusable),
    waivable: list(
      excusable.describe("A rule's id."),
      "Rules that the annotation waive.ringfence.dev/<rule> on a policy may silence. By default none.",
    ),
    protectedNamespaceLabels: list(
      labelKey.describe("A label key."),
      "Namespace labels that only operators may set, change or remove. policy-group.network.openshift.io/* and all ringfence.dev/* labels other than the mode labels are protected anyway.",
    ),
    publicNamespaces: z
      .array(namespaceName)
      .default(["kube-system"])
      .describe(
        "Namespaces whose pods and policies a message may name to anybody; of others it tells counts.",
      ),
    systemNamespaces,
    curableHold: durationUpTo(500)
      .default("500ms")
      .describe("How long a denial is held that another object of the same apply may cure: 0s to 500ms."),
    curableHoldLimit: z
      .int()
      .min(0)
      .max(10_000)
      .default(100)
      .describe("How many requests are held at once; those beyond it are denied at once."),
    limits,
    dns,
    clusterAddresses,
    apiServer,
    ingressControllers,
    intents,
    ceiling,
    companions,
    rules: z
      .strictObject(Object.fromEntries(options))
      .prefault({})
      .describe("Options of single rules, by rule id; rules that are not listed here have none."),
  });
}

/** A configuration that passed the schema. */
export type Configuration = z.output<ReturnType<typeof configurationSchema>>;
