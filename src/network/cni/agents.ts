import type { ContainerFacts, WorkloadFacts } from "../../wire/cluster-facts.ts";
import type { Enforcement, Evidence, PluginFinding, Surroundings } from "./plugin.ts";

/**
 * The finding of a plugin that runs as DaemonSets: `matches` tells which are its agents, `judge` what one that runs does.
 * Agents that are wanted on no node say nothing where others run.
 */
export function findAgents(
  surroundings: Surroundings,
  matches: (daemonSet: WorkloadFacts) => boolean,
  judge: (daemonSet: WorkloadFacts) => PluginFinding,
): PluginFinding | undefined {
  const agents = surroundings.daemonSets.filter(matches);
  const wanted = agents.filter(({ pods }) => pods?.desired !== 0);
  const told = wanted.length > 0 ? wanted : agents.slice(0, 1);
  if (told.length === 0) return undefined;
  return together(told.map((agent) => running(agent, surroundings, judge)));
}

function running(
  agent: WorkloadFacts,
  surroundings: Surroundings,
  judge: (daemonSet: WorkloadFacts) => PluginFinding,
): PluginFinding {
  const { pods } = agent;
  const status = (field: string, says: string): Evidence => ({ ...on(agent, `status.${field}`), says });
  if (pods === undefined) {
    const evidence = [status("observedGeneration", "absent: no controller has looked at it yet")];
    return { verdict: "unknown", evidence, caveats: [] };
  }
  if (pods.desired === 0) {
    const evidence = [status("desiredNumberScheduled", "0: it is to run on no node")];
    return { verdict: "not-enforced", evidence, caveats: [] };
  }
  const found = judge(agent);
  const counts = status("numberReady", `${pods.ready} of ${pods.desired} pods are ready`);
  const evidence = [...found.evidence, counts];
  if (found.verdict === "not-enforced") return { ...found, evidence: found.evidence };
  if (pods.ready === 0) return { verdict: "unknown", evidence, caveats: found.caveats };
  return { ...found, evidence, caveats: [...found.caveats, ...reach(agent, surroundings)] };
}

/** Where its agents do not run, or not yet. */
function reach(agent: WorkloadFacts, { facts }: Surroundings): readonly string[] {
  const { desired, ready } = agent.pods ?? { desired: 0, ready: 0 };
  const caveats: string[] = [];
  if (ready < desired) {
    caveats.push(
      `${desired - ready} of ${desired} pods of ${objectName(agent)} are not ready: new policies have no effect on their nodes`,
    );
  }
  const total = facts.nodes.state === "read" ? facts.nodes.value.total : 0;
  if (desired < total) {
    caveats.push(
      `${objectName(agent)} runs on ${desired} of ${total} nodes: it polices no pod on the others (Windows, Fargate and virtual nodes, or a nodeSelector)`,
    );
  }
  return caveats;
}

/** Several parts of one plugin: what one enforces is enforced. */
function together(findings: readonly PluginFinding[]): PluginFinding {
  const order: readonly Enforcement[] = ["enforced", "unknown", "not-enforced"];
  const verdict = order.find((each) => findings.some((one) => one.verdict === each)) ?? "unknown";
  return {
    verdict,
    evidence: findings.flatMap((each) => each.evidence),
    caveats: findings.flatMap((each) => each.caveats),
  };
}

/** `DaemonSet kube-system/cilium`. */
function objectName({ kind, namespace, name }: WorkloadFacts): string {
  return `${kind} ${namespace}/${name}`;
}

/** The first two parts of an evidence. */
export function on(workload: WorkloadFacts, field: string): Pick<Evidence, "object" | "field"> {
  return { object: objectName(workload), field };
}

/** The first container with this name, or whose image is one of these. */
export function container(
  workload: WorkloadFacts,
  names: readonly string[],
  image?: RegExp,
): ContainerFacts | undefined {
  return workload.containers.find(
    (each) => names.includes(each.name) || (image?.test(imageRepository(each.image)) ?? false),
  );
}

/** `calico/node` of `docker.io/calico/node:v3.28.0@sha256:…`; of another registry all but its host. */
function imageRepository(image: string): string {
  const [name = ""] = image.split("@");
  const untagged = name.replace(/:[^/:]*$/, "");
  const [host = "", ...path] = untagged.split("/");
  return path.length > 0 && /[.:]|^localhost$/.test(host) ? path.join("/") : untagged;
}
