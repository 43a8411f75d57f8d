import type { BaseLogger } from "pino";
import { cniVerdict, type CniVerdict } from "../network/cni-verdict.ts";
import type { ClusterFacts } from "../wire/cluster-facts.ts";

/** The CNI verdict while serving. */
export interface CniWatch {
  /** Judges the facts anew; logs where the verdict or what is missing for it has changed. */
  update(facts: ClusterFacts): void;
  /** Undefined until facts have been read. */
  verdict(): CniVerdict | undefined;
}

/** `trusted` gives the namespaces whose agents are believed, at the time of each judging. */
export function watchCni(log: BaseLogger, trusted: () => ReadonlySet<string>): CniWatch {
  let current: CniVerdict | undefined;
  return {
    update(facts) {
      const verdict = cniVerdict(facts, trusted());
      if (current === undefined || cniText(verdict) !== cniText(current)) tell(log, verdict);
      current = verdict;
    },
    verdict: () => current,
  };
}

/** `not-enforced (flannel)`, `unknown: no right to list nodes`. */
export function cniText(verdict: CniVerdict | undefined): string {
  if (verdict === undefined) return "unknown: not read yet";
  const by = verdict.plugins.filter((each) => each.verdict === verdict.verdict).map(({ title }) => title);
  const plugins = by.length === 0 ? "" : ` (${by.join(", ")})`;
  const missing = verdict.missing.length === 0 ? "" : `: ${verdict.missing.join("; ")}`;
  return `${verdict.verdict}${plugins}${missing}`;
}

function tell(log: BaseLogger, verdict: CniVerdict): void {
  const { evidence, missing, plugins } = verdict;
  const fields = { verdict: verdict.verdict, plugins: plugins.map(({ id }) => id), evidence, missing };
  if (verdict.verdict === "not-enforced") {
    log.warn(fields, "nothing enforces network policies in this cluster: they are stored and have no effect");
  } else log.info(fields, "whether network policies are enforced in this cluster");
}
