// What each rule says about its fixtures, one file a rule, to be read in a row: the texts of all rules have one voice.
// Written anew by `npx vitest run --project unit test/rules/messages.test.ts -u`.
import { basename } from "node:path";
import { expect, it } from "vitest";
import type { Rule } from "#src/model/rule.ts";
import { newestOf } from "#src/model/rule-versions.ts";
import { rules } from "#src/rules/index.ts";
import { mutate, validate } from "../support/decisions.ts";
import { requestOf } from "../support/fixture-requests.ts";
import { filesIn, readFixture } from "../support/fixtures.ts";

it.each(newestOf(rules).map((rule) => [rule.id, rule] as const))("%s", async (id, rule) => {
  await expect(await saidBy(rule)).toMatchFileSnapshot(`golden/${id}.txt`);
});

async function saidBy(rule: Rule): Promise<string> {
  const said: string[] = [];
  for (const folder of ["deny", "allow", "fix"]) {
    for (const path of filesIn("rules", rule.id, folder)) {
      const fixture = readFixture(path, rule.id);
      const objects = folder === "fix" ? fixture.objects.slice(0, -1) : fixture.objects;
      const ask = folder === "fix" ? mutate : validate;
      const { message, warnings } = await ask(requestOf({ ...fixture, objects }, rule));
      const lines = [
        ...(message === undefined ? [] : [message]),
        ...warnings.filter((line) => !isAside(line, rule)).map((line) => `Warning: ${line}`),
      ];
      if (lines.length > 0) said.push(`# ${folder}/${basename(path)}\n${lines.join("\n")}\n`);
    }
  }
  return said.join("\n");
}

/** Whether it is a warning of another rule that never denies: those have files of their own. */
function isAside(warning: string, { id }: Rule): boolean {
  const said = rules.find(
    (rule) => warning.startsWith(`${rule.id}:`) || warning.startsWith(`${rule.id} at `),
  );
  return said?.profile === "advisory" && said.id !== id;
}
