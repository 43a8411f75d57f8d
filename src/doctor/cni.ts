import { cniVerdict, type CniVerdict } from "../network/cni-verdict.ts";
import type { Enforcement } from "../network/cni/plugin.ts";
import type { ClusterFacts } from "../wire/cluster-facts.ts";
import type { Report } from "./report.ts";
import { evidenceSection, section, textOfLines } from "./text.ts";

/** `ringfence doctor cni`: does anything enforce NetworkPolicies here? `trusted` are the namespaces whose agents are believed. */
export function checkCni(facts: ClusterFacts, trusted: ReadonlySet<string>): Report {
  const verdict = cniVerdict(facts, trusted);
  return { check: "cni", outcome: outcomes[verdict.verdict], data: { ...verdict }, text: textOf(verdict) };
}

const outcomes: Readonly<Record<Enforcement, Report["outcome"]>> = {
  enforced: "good",
  "not-enforced": "bad",
  unknown: "unknown",
};

const headlines: Readonly<Record<Enforcement, string>> = {
  enforced: "NetworkPolicies are enforced",
  "not-enforced": "NetworkPolicies are not enforced: they are stored and have no effect",
  unknown: "Whether NetworkPolicies are enforced is unknown",
};

function textOf({ verdict, plugins, evidence, caveats, missing }: CniVerdict): string {
  const told = verdict === "unknown" ? [] : plugins.filter((each) => each.verdict === verdict);
  const by = told.map(({ title }) => title);
  return textOfLines([
    by.length === 0 ? headlines[verdict] : `${headlines[verdict]} (${by.join(", ")})`,
    ...evidenceSection(evidence),
    ...section("Beware", caveats),
    ...section("Not known", missing),
    ...section("What to do", advice(verdict, missing)),
  ]);
}

function advice(verdict: Enforcement, missing: readonly string[]): readonly string[] {
  if (verdict === "enforced") return [];
  if (verdict === "not-enforced")
    return [
      "Switch policies on where the plugin has a switch for them, or install an engine that enforces them beside it " +
        "(kube-network-policies, Calico for policy only), or a plugin that does.",
    ];
  const probe =
    "Try it: two pods, a default deny for one of them, and a connection from the other that must fail.";
  const rights =
    "Grant the rights that are missing: the ClusterRoles and the Role in deploy/kustomize/rbac.yaml have them.";
  const namespaces =
    "Where the plugin runs in a namespace of its own, name it in systemNamespaces.names of the configuration, beside " +
    "the default ones, which such a list replaces; here that file is given with --config.";
  return [
    ...(missing.some((each) => each.startsWith("no right to")) ? [rights] : []),
    ...(missing.some((each) => each.endsWith("in systemNamespaces.names")) ? [namespaces] : []),
    probe,
  ];
}
