import type { Rule } from "../../src/model/rule.ts";
import type { Row, Tally } from "../../test/mutants/tally.ts";
import { code, table } from "../docs/markdown.ts";

/** Sets of each recipe, in the table of the page. */
export const usualSeeds = 13;

/** What is printed: the matrix of mistakes and rules, what stayed unnoticed and why, and whatever must not be. */
export function tallyText(tally: Tally, rules: readonly Rule[]): string {
  const { sets, recipes, mutants, faults } = tally;
  return [
    matrix(tally, rules),
    ...tally.rows.flatMap((row) => remarks(row, rules).map((remark) => `${row.mutator.id}: ${remark}`)),
    "",
    ...faults.map((fault) => `WRONG: ${fault}`),
    `${sets} sound sets of ${recipes} recipes, ${mutants} mutants: ${faults.length} wrong`,
    "",
  ].join("\n");
}

/** A line for each mistake, a column for each rule that spoke; what the mistake's own rule said stands in brackets. */
function matrix({ rows, sound }: Tally, rules: readonly Rule[]): string {
  const spoke = rules
    .map(({ id }) => id)
    .filter((id) => sound.has(id) || rows.some(({ byRule }) => byRule.has(id)));
  const width = Math.max(...rows.map(({ mutator }) => mutator.id.length));
  const line = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(width)} ${cells.map((cell) => cell.padStart(6)).join("")}`;
  const cell = (count: number | undefined, own: boolean): string => {
    if (count === undefined) return own ? "[0]" : ".";
    return own ? `[${count}]` : String(count);
  };
  return [
    ...spoke.map((id, index) => `${String(index + 1).padStart(3)}  ${id}`),
    "",
    line("", ["all", ...spoke.map((_, index) => String(index + 1))]),
    line("(sound sets)", ["", ...spoke.map((id) => cell(sound.get(id), false))]),
    ...rows.map(({ mutator, mutants, byRule }) =>
      line(mutator.id, [String(mutants), ...spoke.map((id) => cell(byRule.get(id), id === mutator.rule))]),
    ),
    "",
  ].join("\n");
}

/** What is to be said of a mistake besides its numbers. */
function remarks({ mutator, outcomes, mutants, silent }: Row, rules: readonly Rule[]): string[] {
  const due = rules.some(({ id }) => id === mutator.rule);
  return [
    ...(mutants === 0 ? ["no set has a place for it"] : []),
    ...(mutator.baselineCannot === undefined ? [] : [`passes in baseline: ${mutator.baselineCannot}`]),
    ...(due ? [] : [`${mutator.rule} is not there yet`]),
    ...(outcomes.harmless === 0 ? [] : [`${outcomes.harmless} do no harm in their set`]),
    ...(outcomes.unnoticed === 0 ? [] : [`${outcomes.unnoticed} UNNOTICED by ${mutator.rule}`]),
    ...(silent === 0 ? [] : [`of ${silent} no rule says anything`]),
  ];
}

const begin = "<!-- Seeded faults: written by `npm run test:mutants -- --write`. -->";
const end = "<!-- End of the seeded faults. -->";

/** The page with the part between the marks written anew; at its end where it has none yet. */
export function withSeededFaults(page: string, tally: Tally, rules: readonly Rule[]): string {
  const part = `${begin}\n\n${section(tally, rules)}\n${end}`;
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) return `${page.trimEnd()}\n\n${part}\n`;
  return `${page.slice(0, from)}${part}${page.slice(to + end.length)}`;
}

function section({ sets, recipes, mutants, rows, sound }: Tally, rules: readonly Rule[]): string {
  const profileOf = (id: string): string => rules.find((rule) => rule.id === id)?.profile ?? "not yet";
  const counts = (all: Iterable<readonly [string, number]>): string =>
    [...all].map(([id, count]) => `${id} ${count}`).join(", ");
  return `## Seeded faults

Whether the rules notice the mistakes that people make, and say nothing where there is none. ${sets} well-formed sets of
policies (${recipes} recipes in \`test/mutants/recipes\`, on clusters whose DNS stands in different places), and each broken by
each of ${rows.length} mutators (\`test/mutants/mutators\`) that has a place in it: ${mutants} mutants. Each goes the way of an admission
request: its policies are applied one after the other, and the edit that makes the mistake is sent as the UPDATE, CREATE or
DELETE that it is. \`npm run test:mutants\` does all of it and exits 1 on a sound set with a finding of baseline, on a mistake
that its rule does not notice, and on a denial by baseline that is not for the mistake; \`npm test\` does a part. Whether pods can
ask the DNS is decided by the naive evaluator, not by the rules. The sound sets are also applied in every order (of more than
four policies in many), all at once, and no policy of them is denied.

${table(
  [
    "mistake",
    "mutants",
    "must be noticed by",
    "noticed",
    "harmless there",
    "others that speak",
    "why baseline lets it pass",
  ],
  rows.map(({ mutator, mutants: all, outcomes, byRule }) => [
    `**${mutator.id}**: ${mutator.mistake}`,
    String(all),
    `${code(mutator.rule)} (${profileOf(mutator.rule)})`,
    profileOf(mutator.rule) === "not yet" ? "not yet" : String(outcomes.caught),
    String(outcomes.harmless),
    counts([...byRule].filter(([id]) => id !== mutator.rule)),
    mutator.baselineCannot ?? "",
  ]),
)}

*Harmless*: another policy of the set makes up for it (DNS is open all the same, the pods were isolated already), so that nobody
has to notice. *Others that speak* count new findings, warnings too: a policy whose DNS rule is refused leaves the others without
DNS. Of the sound sets themselves restricted and advisory rules say: ${counts(sound) || "nothing"}.
`;
}
