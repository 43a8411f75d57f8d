import { cniVerdict, type CniVerdict } from "../network/cni-verdict.ts";
import type { Enforcement } from "../network/cni/plugin.ts";
import type { ClusterFacts } from "../wire/cluster-facts.ts";
import type { Report } from "./report.ts";

/** `ringfence doctor cni`: does anything enforce NetworkPolicies here? */
export function checkCni(facts: ClusterFacts): Report {
  const verdict = cniVerdict(facts);
  return {
    check: "cni",
    outcome: { enforced: "good", "not-enforced": "bad", unknown: "unknown" }[
      verdict.verdict
    ] as Report["outcome"],
    data: { ...verdict },
    text: textOf(verdict),
  };
}

const headlines: Readonly<Record<Enforcement, string>> = {
  enforced: "NetworkPolicies are enforced",
  "not-enforced": "NetworkPolicies are not enforced: they are stored and have no effect",
  unknown: "It is unknown whether NetworkPolicies are enforced",
};

function textOf({ verdict, plugins, evidence, caveats, missing }: CniVerdict): string {
  const by = plugins.filter((each) => each.verdict === verdict).map(({ title }) => title);
  const lines = [by.length === 0 ? headlines[verdict] : `${headlines[verdict]} (${by.join(", ")})`];
  const section = (title: string, entries: readonly string[]): void => {
    if (entries.length > 0) lines.push("", `${title}:`, ...entries.map((entry) => `- ${entry}`));
  };
  section(
    "Evidence",
    evidence.map(({ object, field, says }) => `${object}, ${field}: ${says}`),
  );
  section("Beware", caveats);
  section("Not known", missing);
  section("What to do", [advice[verdict]]);
  return `${lines.join("\n")}\n`;
}

const advice: Readonly<Record<Enforcement, string>> = {
  enforced: "Nothing.",
  "not-enforced":
    "Install a plugin that enforces them, or a policy engine beside yours, such as kube-network-policies or Calico for policy only.",
  unknown:
    "Grant the rights named above; or find out with two pods and a default deny whether a connection is cut.",
};
