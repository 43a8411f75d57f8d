import { whyUnknown, type Fact, type WorkloadFacts } from "../../wire/cluster-facts.ts";
import { on } from "./agents.ts";
import type { PluginFinding } from "./plugin.ts";

/**
 * What becomes of `found` when the plugin needs a Deployment besides its agents: where it is not ready nothing is proven,
 * where it could not be read the right is named.
 */
export function needs(
  found: PluginFinding,
  id: string,
  deployment: Fact<WorkloadFacts> | undefined,
  does: string,
): PluginFinding {
  const unproven = (says: string): PluginFinding => ({
    ...found,
    verdict: "unknown",
    evidence: [...found.evidence, { object: `Deployment ${id}`, field: "metadata.name", says }],
  });
  if (deployment === undefined) return unproven(`not among the objects that are read; it ${does}`);
  if (deployment.state === "read") {
    const { pods } = deployment.value;
    const says = `${pods?.ready ?? 0} of ${pods?.desired ?? 0} pods are ready; it ${does}`;
    const evidence = [...found.evidence, on(deployment.value, "status.readyReplicas", says)];
    return { ...found, evidence, verdict: (pods?.ready ?? 0) > 0 ? found.verdict : "unknown" };
  }
  if (deployment.state === "absent") return unproven(`does not exist; it ${does}`);
  return { ...found, verdict: "unknown", missing: [whyUnknown(deployment) ?? ""] };
}
