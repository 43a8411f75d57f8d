import type { Played, Way } from "../../test/ways/way.ts";
import { code, table } from "../docs/markdown.ts";

/** A way, and what came of it. */
export interface Result {
  readonly way: Way;
  readonly played: Played;
  readonly asExpected: boolean;
}

const begin = "<!-- The ways that people apply: written by `npm run test:ways -- --write`. -->";
const end = "<!-- End of the ways. -->";

/** docs/reference/oracles.md with its table of ways brought up to date. Throws where it has no place for it. */
export function waysPage(results: readonly Result[], standing: string): string {
  const from = standing.indexOf(begin);
  const to = standing.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/reference/oracles.md lacks the lines ${begin} and ${end}`);
  const before = standing.slice(0, from + begin.length);
  return `${before}\n\n${waysTable(results)}\n\n${standing.slice(to)}`;
}

function waysTable(results: readonly Result[]): string {
  return table(
    ["tool", "way", "set", "refused", "then stands", "because"],
    results.map(({ way, played }) => [
      way.tool,
      way.way,
      way.set,
      refusedText(way, played),
      standsText(way, played),
      way.because,
    ]),
  );
}

function refusedText({ byChance, refused }: Way, played: Played): string {
  if (byChance === undefined) return refusalsText(played.refused);
  return byChance === "refusals"
    ? `by chance: ${refusalsText(refused)}`
    : "by chance: nothing, or the last ones";
}

/** Refusals of the same request twice are told once; those for the same reason together. */
function refusalsText(refused: readonly string[]): string {
  if (refused.length === 0) return "nothing";
  const byReason = Map.groupBy(new Set(refused), (refusal) => {
    const [request = "", rules = ""] = refusal.split(": ");
    const [verb = ""] = request.split(" ");
    return `${verb}: ${rules}`;
  });
  return [...byReason]
    .map(([reason, refusals]) => {
      const [verb = "", rules = ""] = reason.split(": ");
      const names = refusals.map((refusal) => code(refusal.slice(verb.length + 1, refusal.indexOf(": "))));
      return `${verb} ${names.join(", ")}: **${rules}**`;
    })
    .join("; ");
}

function standsText({ before, stands: wanted, byChance }: Way, { succeeds, stands }: Played): string {
  if (byChance === "outcome") return "nothing, or the last ones";
  if (stands.length === 0) return "nothing";
  if (succeeds) return "the whole set";
  return wanted === before ? "what stood before" : stands.map(code).join(", ");
}
