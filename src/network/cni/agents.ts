import type { ContainerFacts, WorkloadFacts } from "../../wire/cluster-facts.ts";
import type { Evidence } from "../evidence.ts";
import type { Gap, PluginFinding, Surroundings } from "./plugin.ts";

type Judge = (daemonSet: WorkloadFacts) => PluginFinding;

/**
 * The finding of a plugin that runs as DaemonSets: `matches` tells which are its agents, `judge` what one does where it
 * runs. Agents that are wanted on no node say nothing where others run. What looks like an agent in a namespace that is
 * not trusted makes unknown what no trusted agent enforces.
 */
export function findAgents(
  surroundings: Surroundings,
  matches: (daemonSet: WorkloadFacts) => boolean,
  judge: Judge,
): PluginFinding | undefined {
  const agents = surroundings.daemonSets.filter(matches);
  const wanted = agents.filter(({ pods }) => pods?.desired !== 0);
  const told = wanted.length > 0 ? wanted : agents.slice(0, 1);
  const strangers = surroundings.elsewhere.filter((each) => each.pods?.desired !== 0 && matches(each));
  const findings = [...told.map((agent) => running(agent, surroundings, judge)), ...unproven(strangers)];
  return findings.length === 0 ? undefined : together(findings);
}

/** So many are told of; a tenant could make any number. */
const mostStrangers = 5;

function unproven(strangers: readonly WorkloadFacts[]): readonly PluginFinding[] {
  return strangers.slice(0, mostStrangers).map((each, index) => {
    const more = index === mostStrangers - 1 ? strangers.length - mostStrangers : 0;
    const line = `${strangerLine(each)}. If it is the plugin's own, name ${each.namespace} in systemNamespaces.names`;
    const rest = `${more} more DaemonSets that look like an agent are in none of systemNamespaces`;
    return {
      ...finding("unknown", [onStranger(each, "looks like an agent")]),
      missing: more === 0 ? [line] : [line, rest],
    };
  });
}

/** Why a DaemonSet outside of the trusted namespaces proves nothing. */
export function strangerLine(workload: WorkloadFacts): string {
  return `${objectName(workload)} is in none of systemNamespaces: whoever may write in ${workload.namespace} could have made it`;
}

/** An evidence from such a DaemonSet. */
export function onStranger(workload: WorkloadFacts, says: string): Evidence {
  return on(workload, "metadata.namespace", `${says}, and ${workload.namespace} is none of systemNamespaces`);
}

/** An agent enforces only where its pods run. */
function running(agent: WorkloadFacts, surroundings: Surroundings, judge: Judge): PluginFinding {
  const { pods } = agent;
  if (pods === undefined) {
    const says = "absent: no controller has looked at it yet";
    return { verdict: "unknown", evidence: [on(agent, "status.observedGeneration", says)], caveats: [] };
  }
  if (pods.desired === 0) {
    const says = "0: it is to run on no node";
    return {
      verdict: "not-enforced",
      evidence: [on(agent, "status.desiredNumberScheduled", says)],
      caveats: [],
    };
  }
  const found = judge(agent);
  if (found.verdict !== "enforced") return found;
  const says = `${pods.ready} of ${pods.desired} pods are ready`;
  const evidence = [...found.evidence, on(agent, "status.numberReady", says)];
  if (pods.ready === 0) return { ...found, verdict: "unknown", evidence };
  return { ...found, evidence, caveats: [...found.caveats, ...reach(agent, surroundings)] };
}

/** Where its agents do not run, or not yet. */
function reach(agent: WorkloadFacts, { facts }: Surroundings): readonly string[] {
  const { desired, ready } = agent.pods ?? { desired: 0, ready: 0 };
  const name = objectName(agent);
  const caveats: string[] = [];
  if (ready < desired)
    caveats.push(
      `${desired - ready} of ${desired} pods of ${name} are not ready: their nodes may not follow policies.`,
    );
  const total = facts.nodes.state === "read" ? facts.nodes.value.total : 0;
  if (desired < total)
    caveats.push(`${name} is wanted on ${desired} of ${total} nodes: on the others it polices nothing.`);
  return caveats;
}

/** Several parts of one plugin: what one of them enforces is enforced. */
function together(findings: readonly PluginFinding[]): PluginFinding {
  const order = ["enforced", "unknown", "not-enforced", "no-say"] as const;
  return {
    verdict: order.find((each) => findings.some(({ verdict }) => verdict === each)) ?? "unknown",
    evidence: findings.flatMap(({ evidence }) => evidence),
    caveats: [...new Set(findings.flatMap(({ caveats }) => caveats))],
    gaps: findings.flatMap(({ gaps = [] }) => gaps),
    missing: [...new Set(findings.flatMap(({ missing = [] }) => missing))],
  };
}

/** `DaemonSet kube-system/cilium`. */
function objectName({ kind, namespace, name }: WorkloadFacts): string {
  return `${kind} ${namespace}/${name}`;
}

/** An evidence from a workload. */
export function on(workload: WorkloadFacts, field: string, says: string): Evidence {
  return { object: objectName(workload), field, says };
}

/** An evidence from a container of a workload; without a field from its being there. */
export function onContainer(
  workload: WorkloadFacts,
  { name }: ContainerFacts,
  field: "image" | "args" | "env" | undefined,
  says: string,
): Evidence {
  const path = `spec.template.spec.containers[${name}]`;
  return on(workload, field === undefined ? path : `${path}.${field}`, says);
}

/** A finding with nothing to add. */
export function finding(
  verdict: PluginFinding["verdict"],
  evidence: readonly Evidence[],
  caveats: readonly string[] = [],
  gaps: readonly Gap[] = [],
): PluginFinding {
  return { verdict, evidence, caveats, gaps };
}
