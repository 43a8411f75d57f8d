// Every rule of the catalogue is whole, or said to be not there yet: the rule itself, its page, its line in the index, its
// fixtures of each kind, a case with kubectl. Whatever is missing is named.
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { newestOf } from "#src/model/rule-versions.ts";
import type { Rule } from "#src/model/rule.ts";
import { rules } from "#src/rules/index.ts";
import { seenTexts } from "../../scripts/docs/files.ts";
import { marker } from "../../scripts/docs/rules.ts";
import { filesIn } from "../support/fixtures.ts";
import { catalogue } from "./catalogue.ts";

const repository = new URL("../../", import.meta.url);
const seen = seenTexts(repository);
const index = readFileSync(new URL("docs/rules/README.md", repository), "utf8");
const byId = new Map(newestOf(rules).map((rule) => [rule.id, rule]));

/** What a rule of this id lacks. */
function lacking(id: string): string[] {
  const rule = byId.get(id);
  if (rule === undefined) return [`no rule: src/rules/${id}.ts, in the list of src/rules/index.ts`];
  return [...lackingPage(id), ...lackingFixtures(rule), ...lackingCase(id)];
}

function lackingPage(id: string): string[] {
  const page = new URL(`docs/rules/${id}.md`, repository);
  const [head, byHand = ""] = existsSync(page) ? readFileSync(page, "utf8").split(marker) : [];
  const chapters = ["## Allowed", byHand.includes("## Warned") ? "## Warned" : "## Denied"];
  return [
    ...(head === undefined ? [`no page: docs/rules/${id}.md`] : []),
    ...chapters
      .filter((chapter) => !byHand.includes(chapter))
      .map((chapter) => `no ${chapter} in docs/rules/${id}.md`),
    ...(index.includes(`| [${id}](${id}.md) |`) ? [] : ["no line in docs/rules/README.md: npm run docs"]),
  ];
}

function lackingFixtures({ id, fix }: Rule): string[] {
  const has = (folder: string, from = ""): boolean =>
    filesIn("rules", id, folder).some((path) => path.includes(`/${folder}/${from}`));
  return [
    ...(has("allow") ? [] : [`nothing in test/fixtures/rules/${id}/allow`]),
    ...(has("allow", "trap-") ? [] : [`no trap-….yaml in test/fixtures/rules/${id}/allow`]),
    ...(has("deny") ? [] : [`nothing in test/fixtures/rules/${id}/deny`]),
    ...(fix === undefined || has("fix") ? [] : [`nothing in test/fixtures/rules/${id}/fix`]),
  ];
}

/** What kubectl prints of the rule stands in a golden text, which an end-to-end test writes. */
function lackingCase(id: string): string[] {
  const shown = new RegExp(`^(- |Warning: )${id}( at |: )`, "m");
  return shown.test(seen) ? [] : ["no end-to-end case: nothing of it in test/e2e/golden"];
}

describe("the catalogue of rules", () => {
  const present = catalogue.filter(({ comesWith }) => comesWith === undefined);

  it.each(present)("$id is whole", ({ id, profile }) => {
    expect(lacking(id), id).toEqual([]);
    expect(byId.get(id)?.profile).toBe(profile);
  });

  const absent = catalogue.filter(({ comesWith }) => comesWith !== undefined);

  it.each(absent)("$id, which comes with $comesWith, is not there yet", ({ id }) => {
    expect(byId.has(id), `${id} is there: take it off the list in catalogue.ts`).toBe(false);
  });

  it("has no id twice, and every rule of the list", () => {
    const ids = catalogue.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...byId.keys()].filter((id) => !ids.includes(id))).toEqual([]);
  });
});
