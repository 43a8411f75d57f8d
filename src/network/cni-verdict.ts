import { whyUnknown, type ClusterFacts, type Fact } from "../wire/cluster-facts.ts";
import type { Evidence } from "./evidence.ts";
import type { Enforcement, Gap, Plugin, PluginFinding, Surroundings } from "./cni/plugin.ts";
import { plugins as allPlugins } from "./cni/plugins.ts";

/** Whether NetworkPolicies have any effect in this cluster, and what that stands on. */
export interface CniVerdict {
  readonly verdict: Enforcement;
  /** Those that have a say, each with what it does. */
  readonly plugins: readonly { readonly id: string; readonly title: string; readonly verdict: Enforcement }[];
  readonly evidence: readonly Evidence[];
  /** Where less is done than the verdict says, or something else than the API's text. */
  readonly caveats: readonly string[];
  /** What the engines that enforce do not implement, each once; only what is certain. */
  readonly gaps: readonly (Gap & { readonly plugin: string })[];
  /** What would have to be known for a better verdict, rights that are missing among it. */
  readonly missing: readonly string[];
}

/**
 * The verdict. One plugin that enforces is enough. That nothing is enforced is said only where a plugin is found that does
 * not, and everything was read in which another could show. All else is unknown.
 *
 * `trusted` are the namespaces whose DaemonSets are believed: those in which only the cluster's own people may write.
 * Anywhere else a tenant can make a DaemonSet that looks like an agent.
 */
export function cniVerdict(
  facts: ClusterFacts,
  trusted: ReadonlySet<string>,
  plugins: readonly Plugin[] = allPlugins,
): CniVerdict {
  const surroundings = surroundingsOf(facts, trusted);
  const found = plugins.flatMap((plugin): Found[] => {
    const finding = plugin.find(surroundings);
    return finding === undefined ? [] : [{ id: plugin.id, title: plugin.title, ...finding }];
  });
  const unread = [...unreadParts(facts)];
  const verdict = joined(found, unread.length > 0);
  return {
    verdict,
    plugins: found.flatMap(({ id, title, verdict: each }) =>
      each === "no-say" ? [] : [{ id, title, verdict: each }],
    ),
    evidence: found.flatMap(({ evidence }) => evidence),
    caveats: verdict === "enforced" ? caveats(found) : [],
    gaps: found.flatMap((each) => (each.verdict === "enforced" ? gapsOf(each) : [])),
    missing: verdict === "unknown" ? missing(found, unread) : [],
  };
}

type Found = PluginFinding & Pick<Plugin, "id" | "title">;

function joined(found: readonly Found[], incomplete: boolean): Enforcement {
  const verdicts = found.map(({ verdict }) => verdict);
  if (verdicts.includes("enforced")) return "enforced";
  if (incomplete || verdicts.includes("unknown")) return "unknown";
  return verdicts.includes("not-enforced") ? "not-enforced" : "unknown";
}

function caveats(found: readonly Found[]): readonly string[] {
  const engines = found.filter(({ verdict }) => verdict === "enforced").map(({ title }) => title);
  const several = `Several engines enforce policies (${engines.join(", ")}): a connection must be allowed by each.`;
  return [
    ...(engines.length > 1 ? [several] : []),
    ...found.flatMap((each) =>
      each.verdict === "enforced" || each.verdict === "no-say" ? each.caveats : [],
    ),
  ];
}

/** A feature may be missing in several agents of one plugin. */
function gapsOf({ title, gaps = [] }: Found): CniVerdict["gaps"] {
  const byFeature = new Map(gaps.map((gap) => [gap.feature, { plugin: title, ...gap }]));
  return [...byFeature.values()];
}

function missing(found: readonly Found[], unread: readonly string[]): readonly string[] {
  const told = [...unread, ...found.flatMap((each) => each.missing ?? [])];
  if (told.length === 0 && !found.some(({ verdict }) => verdict !== "no-say"))
    told.push("no network plugin was found that Ringfence knows");
  return [...new Set(told)];
}

function surroundingsOf(facts: ClusterFacts, trusted: ReadonlySet<string>): Surroundings {
  const sampled = valueOf(facts.nodes)?.nodes ?? [];
  const control = valueOf(facts.controlPlaneNodes) ?? [];
  const nodes = new Map([...sampled, ...control].map((node) => [node.name, node]));
  const all = valueOf(facts.daemonSets) ?? [];
  return {
    facts,
    daemonSets: all.filter(({ namespace }) => trusted.has(namespace)),
    elsewhere: all.filter(({ namespace }) => !trusted.has(namespace)),
    nodes: [...nodes.values()],
  };
}

function valueOf<T>(fact: Fact<T>): T | undefined {
  return fact.state === "read" ? fact.value : undefined;
}

/** Where a policy engine could show that is not seen without them. */
function* unreadParts(facts: ClusterFacts): Iterable<string> {
  for (const fact of [facts.daemonSets, facts.nodes, facts.controlPlaneNodes, facts.apiGroups]) {
    const why = whyUnknown(fact);
    if (why !== undefined) yield why;
  }
  if (facts.nodes.state === "read" && facts.nodes.value.total === 0) yield "there is no node yet";
}
