import { expected } from "../../test/ways/way.ts";
import type { Result } from "./page.ts";

/** What came of a way, for a terminal: a line, and what was refused; what was expected where it differs. */
export function wayText({ way, played, asExpected }: Result): string {
  const { succeeds, refused, stands } = played;
  const lines = [
    `${asExpected ? "ok   " : "WRONG"} ${way.tool}: ${way.way} (${way.set}): ${succeeds ? "succeeds" : "fails"}`,
    ...refused.map((refusal) => `        refused: ${refusal}`),
  ];
  if (!asExpected) {
    const wanted = expected(way, played);
    lines.push(
      `        expected: ${wanted.succeeds ? "succeeds" : "fails"}; refused: ${list(wanted.refused)}; stands: ${list(wanted.stands)}`,
      `        stands:   ${list(stands)}`,
    );
  }
  return `${lines.join("\n")}\n`;
}

function list(items: readonly string[]): string {
  return items.length === 0 ? "nothing" : items.join(", ");
}
