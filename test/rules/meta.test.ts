// What every rule of the list must come with. To add a rule: its file, its line in src/rules/index.ts, its page, its
// fixtures; what is missing is named here.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { fill, parseTemplate } from "#src/engine/templates.ts";
import { warningText } from "#src/engine/texts.ts";
import type { Rule } from "#src/model/rule.ts";
import type { Judged } from "#src/model/verdict.ts";
import { newestOf } from "#src/model/rule-versions.ts";
import { versionRank, versions } from "#src/model/profile.ts";
import { rules } from "#src/rules/index.ts";
import { validate } from "../support/decisions.ts";
import { requestOf } from "../support/fixture-requests.ts";
import { entries, filesIn, fixturesDirectory, readFixture } from "../support/fixtures.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const ids = newestOf(rules).map(({ id }) => id);
/** What is no module of a rule. */
const helpers = ["index.ts", "shared"];

describe("the list", () => {
  it("has unique kebab-case ids", () => {
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  it("holds the rule of every module, and each module is named after its rule", () => {
    const modules = entries(join(repository, "src/rules")).filter((name) => !helpers.includes(name));
    expect(modules, "each module of a rule has its line in src/rules/index.ts").toEqual(
      rules.map(({ id, since, until }) => (until === undefined ? `${id}.ts` : `${id}-${since}.ts`)).sort(),
    );
  });

  it("has of each rule one behaviour for each version from the first on, described where it changed", () => {
    for (const [id, behaviours] of Map.groupBy(rules, (rule) => rule.id)) {
      const inOrder = behaviours.toSorted((a, b) => versionRank(a.since) - versionRank(b.since));
      const nexts = [...inOrder.slice(1).map(({ since }) => since), undefined];
      expect(
        inOrder.map(({ until }) => until),
        `until of the behaviours of ${id}`,
      ).toEqual(nexts);
      for (const [index, rule] of inOrder.entries()) {
        expect(rule.changed !== undefined, `what ${rule.since} of ${id} changed`).toBe(index > 0);
        expect(rule.options, `options of ${id}, which are configured once`).toBe(inOrder[0]?.options);
        expect([rule.profile, rule.kind, rule.judges]).toEqual([
          inOrder[0]?.profile,
          inOrder[0]?.kind,
          inOrder[0]?.judges,
        ]);
      }
      if (inOrder[0]?.profile === "guard") expect(inOrder, `${id}, a guard`).toHaveLength(1);
    }
  });

  it("has no version that cannot be asked for, and none that brought nothing", () => {
    const brought = new Set(rules.map(({ since }) => since));
    expect([...brought].sort()).toEqual(versions.filter((version) => version !== "latest"));
  });

  it("has fixtures of its rules and of no other", () => {
    const folders = entries(join(fixturesDirectory, "rules")).filter((name) => name !== "README.md");
    expect(folders, "each rule has its folder in test/fixtures/rules, and no other is there").toEqual(
      [...ids].sort(),
    );
    for (const id of ids) {
      const unknown = entries(join(fixturesDirectory, "rules", id)).filter(
        (name) => !["allow", "deny", "fix"].includes(name),
      );
      expect(unknown, `folders of ${id}`).toEqual([]);
    }
  });

  it("has pages of its rules and of no other, each with a line in the index", () => {
    const pages = entries(join(repository, "docs/rules")).filter((name) => name !== "README.md");
    expect(pages, "each rule has its page: npm run docs makes it").toEqual(
      ids.map((id) => `${id}.md`).sort(),
    );
    const index = readFileSync(join(repository, "docs/rules/README.md"), "utf8");
    for (const id of ids) expect(index).toContain(`[${id}](${id}.md)`);
  });
});

describe.each(rules.map((rule) => [rule.id, rule.since, rule] as const))("%s %s", (id, _, rule) => {
  it("says what it is for", () => {
    const { references, ...texts } = rule.docs;
    for (const [field, text] of Object.entries(texts)) expect(text.trim(), field).not.toBe("");
    for (const url of references) expect(url).toMatch(/^https:\/\/\S+$/);
    for (const message of Object.values(rule.messages)) {
      expect(message.text).toMatch(/\.$/);
      expect(message.text).not.toMatch(/^[A-Z][a-z]/);
      expect(message.remedy).toMatch(/^([A-Z]|\{\{)/);
      expect(message.warning).not.toMatch(/\.$|\n/);
    }
  });

  it("has fixtures: at least two that it allows, a trap among them, two that it denies, and its repair", () => {
    const names = (folder: string) => filesIn("rules", id, folder).map((path) => basename(path, ".yaml"));
    expect(names("allow").length, `cases in test/fixtures/rules/${id}/allow`).toBeGreaterThanOrEqual(2);
    expect(
      names("allow").some((name) => name.startsWith("trap-")),
      `test/fixtures/rules/${id}/allow needs a trap-….yaml`,
    ).toBe(true);
    expect(names("deny").length, `cases in test/fixtures/rules/${id}/deny`).toBeGreaterThanOrEqual(2);
    expect(
      names("fix").length > 0,
      `test/fixtures/rules/${id}/fix holds cases where the rule has a fix`,
    ).toBe(rule.fix !== undefined);
    for (const folder of ["allow", "deny", "fix"]) {
      for (const path of filesIn("rules", id, folder)) {
        expect(readFixture(path, id).words.length, `the words of ${path}`).toBeGreaterThan(10);
      }
    }
  });

  it("speaks every message in one of its fixtures, with every placeholder filled", async () => {
    const spoken = await spokenIn(rule);
    for (const { finding } of spoken) {
      const message = rule.messages[finding.message];
      if (message === undefined) throw new Error(`no message ${finding.message}`);
      for (const template of [message.text, message.remedy, message.warning]) {
        expect(fill(parseTemplate(template), finding.data)).not.toMatch(/\{\{|undefined|\[object/);
      }
    }
    const heard = new Set(spoken.map(({ finding }) => finding.message));
    expect([...heard].sort()).toEqual(Object.keys(rule.messages).sort());
  });

  it("warns in 256 characters always, and of each message in 120 where the values are short", async () => {
    const lengths = new Map<string, number>();
    for (const judged of await spokenIn(rule)) {
      const { length } = warningText(judged);
      expect(length).toBeLessThanOrEqual(256);
      const { message } = judged.finding;
      lengths.set(message, Math.min(lengths.get(message) ?? Infinity, length));
    }
    expect([...lengths].filter(([, length]) => length > 120)).toEqual([]);
  });
});

/** What the rule finds in its fixtures. */
async function spokenIn(rule: Rule): Promise<Judged[]> {
  const paths = ["allow", "deny"].flatMap((folder) => filesIn("rules", rule.id, folder));
  const verdicts = await Promise.all(
    paths.map((path) => validate(requestOf(readFixture(path, rule.id), rule))),
  );
  return verdicts.flatMap(({ findings }) => findings.filter((judged) => judged.rule === rule));
}
