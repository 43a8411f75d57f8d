import { companionsEach, type BirthFigures, type CompanionFigures } from "./companions.ts";
import { table } from "./tables.ts";

export interface CompanionSection {
  readonly figures: CompanionFigures;
  readonly machine: string;
  readonly cores: string;
  readonly kubernetesVersion: string;
  readonly date: Date;
}

const begin = "<!-- Written by `npm run bench companions -- --write`. -->";
const end = "<!-- The end of what `npm run bench companions` writes. -->";

/** One line for each way in which namespaces are born. */
export function birthsTable({ oneByOne, atOnce }: CompanionFigures): string {
  const row = (what: string, { namespaces, p50, p99, all }: BirthFigures): string[] => [
    what,
    String(namespaces),
    `${p50.toFixed(0)} ms`,
    `${p99.toFixed(0)} ms`,
    `${(all / 1_000).toFixed(1)} s`,
  ];
  const header = ["namespaces", "number", "p50", "p99", "all of them"];
  return table(header, [row("one by one", oneByOne), row("at once", atOnce)]);
}

/** What follows on the births, in sentences. */
export function quietText({ writesPerNamespace, quiet }: CompanionFigures): string {
  return `Requests that write policies, as the API server counts them: ${writesPerNamespace.toFixed(3)} per namespace, of ${companionsEach} companions.

Started anew beside ${quiet.namespaces} namespaces with ${quiet.namespaces * companionsEach} companions, while nothing changes: ${quiet.writes} writes; over ${quiet.seconds} s ${quiet.cpuPercent.toFixed(1)} % of one core, ${quiet.rssMiB.toFixed(0)} MiB. The
most memory that Ringfence ever had was ${quiet.peakRssMiB.toFixed(0)} MiB.
`;
}

/** The section of docs/reference/performance.md, with what tells where it begins and ends. */
export function companionsSection(section: CompanionSection): string {
  const { figures, machine, cores, kubernetesVersion, date } = section;
  return `${begin}

## Companions

Measured on ${date.toISOString().slice(0, 10)}: ${machine}; ${cores}; Kubernetes ${kubernetesVersion}. To repeat it: \`npm run bench companions -- --write\`,
about seven minutes.

How long a namespace is without its companions: from the request that creates it, with an intent of which ${companionsEach} companions come,
until the last of them is stored; etcd, the API server and this measure share what Ringfence leaves of the machine.

${birthsTable(figures)}
${quietText(figures)}
${end}
`;
}

/** The page with this section in place of the one that it has, or behind the rest. */
export function withCompanions(page: string, section: string): string {
  const old = companionsOf(page);
  const rest = old === undefined ? page : page.replace(`\n${old}`, "");
  return `${rest.trimEnd()}\n\n${section}`;
}

/** The section that the page has. */
export function companionsOf(page: string): string | undefined {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  return from === -1 || to < from ? undefined : `${page.slice(from, to + end.length)}\n`;
}
