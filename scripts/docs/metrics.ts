import { createMetrics, type Metrics } from "../../src/telemetry/metrics.ts";
import { code, generated, table } from "./markdown.ts";

/** One metric as the exposition text describes it. */
export interface MetricFacts {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** docs/reference/metrics.md. */
export async function metricsPage(): Promise<string> {
  const rows = (await metrics()).map(({ name, type, labels, help }) => [
    code(name),
    type,
    labels.map(code).join(", "),
    help,
  ]);
  return [
    generated,
    "# Metrics",
    "`/metrics` on the health port (8080). The values of every label come from a closed set.",
    table(["metric", "type", "labels", "meaning"], rows),
    "kube-apiserver has its own view of the same requests: `apiserver_admission_webhook_admission_duration_seconds`, `apiserver_admission_webhook_rejection_count`, `apiserver_admission_webhook_fail_open_count`. The last one counts what went through because an entry whose `failurePolicy` is `Ignore` could not be asked.",
  ]
    .join("\n\n")
    .concat("\n");
}

/** Every metric of the server, each with its labels. */
export async function metrics(): Promise<readonly MetricFacts[]> {
  const made = createMetrics({
    version: "0",
    inFlight: () => 0,
    enforcement: () => "on",
    cniVerdict: () => "unknown",
    unreadableModes: () => 0,
    reflectors: () => [{ kind: "pods", synced: true, staleSeconds: 0 }],
    unmodelled: () => [["CiliumNetworkPolicy.cilium.io", 0]],
    leads: () => false,
    companions: () => ({ synced: 0 }),
    certificateExpiry: () => new Date(0),
  });
  useAll(made);
  return readText(await made.text());
}

/** A metric shows its labels only where it has a sample, so each gets one. */
function useAll(made: Metrics): void {
  made.admission("w", "o", "r", "d", false, 0);
  made.finding("r", "m", "e");
  made.excused("r", "b");
  made.ruleFailed("r");
  made.ruleUnknown("r");
  made.skipped("r");
  made.held(0);
  made.failed("w", "c");
  made.bodyTooLarge();
  made.clientGone();
  made.lateVerdict();
  made.companionWrite("v", "r");
  made.configurationReloaded("ok");
  made.certificateReloaded("ok");
}

/** Reads the exposition text; of a histogram the label `le` is its own. */
function readText(text: string): readonly MetricFacts[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    const [, name, help] = /^# HELP (\S+) (.*)$/.exec(line) ?? [];
    if (name === undefined || help === undefined) return [];
    const type = lines[index + 1]?.split(" ").at(-1) ?? "";
    const sample = lines.slice(index + 2).find((one) => one.startsWith(name)) ?? "";
    const labels = [...sample.matchAll(/[{,](\w+)="/g)].map(([, label = ""]) => label);
    return [{ name, type, help, labels: labels.filter((label) => label !== "le") }];
  });
}
