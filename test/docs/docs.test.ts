import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { configurationJsonSchema, configurationPage } from "../../scripts/docs/configuration.ts";
import { pages, seenTexts, update } from "../../scripts/docs/files.ts";
import { marker, ruleHead, rulePage } from "../../scripts/docs/rules.ts";
import { newestOf } from "../../src/model/rule-versions.ts";
import { rules } from "../../src/rules/index.ts";
import { someRules } from "../config/rules.ts";

const repository = new URL("../../", import.meta.url);

describe("the pages in this repository", () => {
  it("are what npm run docs would write", async () => {
    expect(update(repository, await pages(rules, seenTexts(repository)), false)).toEqual([]);
  });

  it.each(newestOf(rules).map(({ id }) => id))("have a hand-written part about %s", (id) => {
    const page = readFileSync(new URL(`docs/rules/${id}.md`, repository), "utf8");
    const examples = page.slice(page.indexOf(marker) + marker.length).match(/```yaml\n/g)?.length ?? 0;
    expect(examples, `YAML examples in docs/rules/${id}.md, denied and allowed`).toBeGreaterThanOrEqual(2);
  });
});

describe("update", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "ringfence-docs-"));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it("writes what is missing, keeps what people wrote, and then has nothing to do", () => {
    const root = pathToFileURL(`${directory}/`);
    const [rule] = someRules;
    if (rule === undefined) throw new Error("no rule");
    const page = {
      path: "docs/rules/a.md",
      make: (standing: string | undefined) => rulePage(rule, "", standing),
    };
    expect(update(root, [page], false)).toEqual(["docs/rules/a.md"]);
    expect(update(root, [page], true)).toEqual(["docs/rules/a.md"]);
    expect(update(root, [page], false)).toEqual([]);
    const path = join(directory, "docs/rules/a.md");
    writeFileSync(path, `# Another title\n${marker}\n\n## By hand\n`);
    update(root, [page], true);
    expect(readFileSync(path, "utf8")).toBe(`${ruleHead(rule, "")}\n## By hand\n`);
  });
});

describe("the head of a rule's page", () => {
  const [rule] = someRules;
  if (rule === undefined) throw new Error("no rule");

  it("shows what kubectl printed about this rule", () => {
    const seen = `- other at spec: x\n  y\n- ${rule.id} at spec: what\n  remedy\n- other at spec: z\n- ${rule.id} at spec: again\n`;
    expect(ruleHead(rule, seen)).toContain(`\`\`\`text\n- ${rule.id} at spec: what\n  remedy\n\`\`\``);
  });

  it("shows a warning of a rule that was not seen to deny, one of this request if there is one", () => {
    const seen = `Warning: ${rule.id} at spec: old (stood before this request)\nWarning: ${rule.id}: new\n`;
    expect(ruleHead(rule, seen)).toContain(`A warning says:\n\n\`\`\`text\nWarning: ${rule.id}: new\n\`\`\``);
    expect(ruleHead(rule, `Warning: ${rule.id}-too: x\n`)).not.toContain("```");
  });

  it("says what the newest version changed, and which there are", () => {
    const newer = { ...rule, since: "v3", changed: "It looks at more." } as const;
    const head = ruleHead(newer, "", [{ ...rule, until: "v3" }]);
    expect(head).toContain("| v1, v3 |");
    expect(head).toContain("**Since v3.** It looks at more. A namespace that is [pinned]");
    expect(ruleHead(rule, "")).not.toContain("**Since");
  });

  it("shows nothing where nothing was seen", () => {
    expect(ruleHead(rule, "- other at spec: x\n")).not.toContain("```");
  });
});

describe("the configuration's reference", () => {
  it("has every key, also of rules, with its default", () => {
    const page = configurationPage(someRules);
    expect(page).toContain('| `enforcement` | `on`, `warn`, `off`, `true`, `false` | `"on"` |');
    expect(page).toContain("| `curableHoldLimit` | number, 0–10000 | `100` |");
    expect(page).toContain("## `rules.wide-port-range`");
    expect(page).toContain("| `widest` | number, 1–65535 | `1024` |");
    expect(page).not.toContain("| `missing-dns-egress` | section");
  });

  it("says of every key what it means", () => {
    const told = z.object({ description: z.string().min(10) });
    const { properties } = z
      .object({ properties: z.record(z.string(), z.unknown()) })
      .parse(JSON.parse(configurationJsonSchema(rules)));
    for (const [key, value] of Object.entries(properties))
      expect(told.safeParse(value).success, key).toBe(true);
  });

  it("offers no guards for exceptions", () => {
    const text = configurationJsonSchema(someRules);
    expect(text).toContain("wide-port-range");
    expect(text.match(/"mode-loosened"/g)).toHaveLength(1);
  });
});
