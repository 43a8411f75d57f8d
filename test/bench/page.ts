import { cpus, release } from "node:os";
import { plural } from "../../src/engine/texts.ts";
import { podsPerNamespace, policiesPerNamespace, type ClusterSize } from "./cluster.ts";
import { goals, type Measured } from "./goals.ts";
import type { Plan } from "./plan.ts";
import { imageNodeOptions, imageVariables } from "./servers.ts";
import { figuresTable, goalsTable, hardTable } from "./tables.ts";

export interface PageOptions {
  readonly measured: Measured;
  readonly plan: Plan;
  readonly kubernetesVersion: string;
  /** Which core does what. */
  readonly cores: string;
  readonly date: Date;
}

/** "AMD EPYC, 2 cores, Linux 6.1.0, Node v24.21.0" */
export function machine(): string {
  const [first] = cpus();
  const count = cpus().length;
  return `${first?.model.trim() ?? "unknown processor"}, ${count} ${count === 1 ? "core" : "cores"}, Linux ${release()}, Node ${process.version}`;
}

/** docs/reference/performance.md: the figures, and how they were come by. */
export function performancePage(options: PageOptions): string {
  const { measured, plan, kubernetesVersion, cores, date } = options;
  return `# Performance

<!-- Written by \`npm run bench -- --write\`. -->

Measured on ${date.toISOString().slice(0, 10)}: ${machine()}; ${cores}; Kubernetes ${kubernetesVersion}.

To repeat it: \`npm ci && npm run bench -- --write\` (Linux, Go for the control plane and the load generator, about half an
hour). Figures of a machine that does other work besides are worth little, but for the CPU time per request against the
bare server: both are measured in turn.

## Goals

${goalsTable(goals(measured))}
## Figures

${clusters(plan.clusters)}

The servers: the bundle of \`npm run build\` as the image starts it, \`${[...imageVariables(), "node", ...imageNodeOptions()].join(" ")}\`, its log
written at \`info\`, reading the cluster by a kubeconfig, which takes some 30 MiB that it saves in a pod; and as a measure a bare \`node:https\` server with the same Node, options and certificate, which
collects the body, parses it and answers \`allowed: true\`.

The load: reviews of the creation of a policy of 1.6 KB and of 40 KB (labels, managedFields, many address ranges),
*allowed* ones for which every rule of the profile baseline ran, and ones *denied* by or-ed-selectors; in a closed loop
over 20 kept TLS connections, then evenly paced. *Held*: denied by missing-dns-egress alone, for whose cure Ringfence
waits half a second. CPU is the user and system time of the server's process, divided by the requests. Each figure is
the median of ${times(plan)}. The servers are compared each time, one after the other within seconds, (a) and (b) as well,
and the median of these comparisons counts: the pace of a shared host changes from second to second.

${figuresTable(measured.results)}
${rss(measured)}
Where a request's time goes, and what was done about the dearest parts: [ADR 10](../adr/0010-requests-in-rows.md).

For comparison, on such a machine: Pepr 1.1.4 with two checks costs 10 times the bare server's CPU at 1.6 KB and 44 times
at 40 KB.
${hard(measured)}`;
}

/** `35 measurements of 1 s (closed loop), 7 measurements of 2.5 s (paced)`. */
function times({ measurements, rounds }: Plan): string {
  const texts = measurements.map(({ pace, turns, seconds }) => {
    const load = pace.kind === "closed" ? "closed loop" : "paced";
    return `${plural(rounds * turns, "measurement")} of ${seconds} s (${load})`;
  });
  return [...new Set(texts)].join(", ");
}

function clusters(sizes: readonly ClusterSize[]): string {
  const texts = sizes.map(
    ({ id, namespaces }) =>
      `(${id}) ${namespaces} namespaces with ${namespaces * policiesPerNamespace} policies and ${namespaces * podsPerNamespace} pods`,
  );
  return `The clusters, made through a real kube-apiserver: ${texts.join("; ")}.`;
}

function rss({ peakRss }: Measured): string {
  const texts = peakRss.map(({ cluster, peakMiB }) => `${peakMiB.toFixed(0)} MiB in (${cluster})`);
  return texts.length === 0 ? "" : `The most memory that Ringfence ever had: ${texts.join(", ")}.\n`;
}

function hard({ hard: results = [] }: Measured): string {
  if (results.length === 0) return "";
  return `
## Hard reviews

In (a), in namespaces that enforce the profile restricted, each made for this beside the ten: reviews that every rule looks
at and that are allowed, over one connection, one after the other. Whether selectors together cover another is a search
that can take forever; beyond a fixed amount of work Ringfence looks at the pods that are present instead. A judging that
takes more than 500 ms is ended and answered with HTTP 500.

${hardTable(results)}`;
}
