import { whyUnknown, type ClusterFacts, type Fact } from "../wire/cluster-facts.ts";
import { plugins as allPlugins } from "./cni/plugins.ts";
import type { Enforcement, Evidence, Plugin, Surroundings } from "./cni/plugin.ts";

/** Whether NetworkPolicies have any effect in this cluster, and what that stands on. */
export interface CniVerdict {
  readonly verdict: Enforcement;
  /** Those that were found, each with what it does. */
  readonly plugins: readonly { readonly id: string; readonly title: string; readonly verdict: Enforcement }[];
  readonly evidence: readonly Evidence[];
  readonly caveats: readonly string[];
  /** What would have to be known for a better verdict, rights that are missing among it. */
  readonly missing: readonly string[];
}

/**
 * The verdict. One plugin that enforces is enough. That nothing is enforced is said only where a plugin is found that does
 * not, and everything was read in which another could show. All else is unknown.
 */
export function cniVerdict(facts: ClusterFacts, plugins: readonly Plugin[] = allPlugins): CniVerdict {
  const surroundings = surroundingsOf(facts);
  const found = plugins.flatMap((plugin) => {
    const finding = plugin.find(surroundings);
    return finding === undefined ? [] : [{ id: plugin.id, title: plugin.title, ...finding }];
  });
  const missing = [...unreadParts(facts)];
  const verdict = joined(
    found.map((each) => each.verdict),
    missing.length > 0,
  );
  if (found.length === 0 && missing.length === 0)
    missing.push("no network plugin that Ringfence knows was found");
  return {
    verdict,
    plugins: found.map(({ id, title, verdict: each }) => ({ id, title, verdict: each })),
    evidence: found.flatMap(({ evidence }) => evidence),
    caveats: found.flatMap(({ caveats }) => caveats),
    missing: verdict === "unknown" ? missing : [],
  };
}

function joined(verdicts: readonly Enforcement[], incomplete: boolean): Enforcement {
  if (verdicts.includes("enforced")) return "enforced";
  if (incomplete || verdicts.includes("unknown") || verdicts.length === 0) return "unknown";
  return "not-enforced";
}

function surroundingsOf(facts: ClusterFacts): Surroundings {
  const sampled = valueOf(facts.nodes)?.nodes ?? [];
  const control = valueOf(facts.controlPlaneNodes) ?? [];
  const nodes = new Map([...sampled, ...control].map((node) => [node.name, node]));
  return { facts, daemonSets: valueOf(facts.daemonSets) ?? [], nodes: [...nodes.values()] };
}

function valueOf<T>(fact: Fact<T>): T | undefined {
  return fact.state === "read" ? fact.value : undefined;
}

/** Where a policy engine could show that is not seen without them. */
function* unreadParts(facts: ClusterFacts): Iterable<string> {
  const seen = new Set<string>();
  for (const fact of [facts.daemonSets, facts.nodes, facts.controlPlaneNodes, facts.apiGroups]) {
    const why = whyUnknown(fact);
    if (why === undefined || seen.has(why)) continue;
    seen.add(why);
    yield why;
  }
}
