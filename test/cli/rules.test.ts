import { describe, expect, it } from "vitest";
import { z } from "zod";
import { newestOf } from "../../src/model/rule-versions.ts";
import { rules as everyVersion } from "../../src/rules/index.ts";
import { blocksOf, readPage } from "../docs/markdown.ts";
import { run } from "./run.ts";

const rules = newestOf(everyVersion);

const listed = z.object({
  schemaVersion: z.literal(1),
  rules: z.array(
    z.object({
      id: z.string(),
      profile: z.string(),
      versions: z.array(z.string()),
      summary: z.string(),
      fix: z.string().nullable(),
    }),
  ),
});

describe("ringfence rules", () => {
  it("lists every rule on a line of its own", async () => {
    const { code, stdout, stderr } = await run("rules");
    expect(code).toBe(0);
    expect(stderr).toBe("");
    const [head, ...lines] = stdout.trimEnd().split("\n");
    expect(head).toMatch(/^RULE +PROFILE +VERSIONS +FIX +SUMMARY$/);
    expect(lines.map((line) => line.split(" ", 1)[0])).toEqual(rules.map(({ id }) => id));
    expect(stdout).toMatch(/^dead-namespace-selector +baseline +v1,v2 +- /m);
  });

  it("lists them as JSON", async () => {
    const { code, stdout } = await run("rules", "--format", "json");
    expect(code).toBe(0);
    const found = listed.parse(JSON.parse(stdout)).rules;
    expect(found.map(({ id }) => id)).toEqual(rules.map(({ id }) => id));
    expect(found.find(({ id }) => id === "missing-dns-egress")?.fix).toBe("widening");
    expect(found.find(({ id }) => id === "dead-namespace-selector")?.versions).toEqual(["v1", "v2"]);
  });

  it.each(rules.map((rule) => [rule.id, rule] as const))("shows the whole page of %s", async (id, rule) => {
    const { code, stdout, stderr } = await run("rules", id);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n", 1)[0]).toBe(`${id}: ${rule.docs.title}`);
    const text = stdout.replaceAll(/\s+/g, " ");
    for (const part of [rule.docs.summary, rule.docs.why, rule.docs.remediation])
      expect(text).toContain(part.replaceAll("`", ""));
    for (const url of rule.docs.references) expect(stdout).toContain(url);
    for (const block of blocksOf(readPage(`docs/rules/${id}.md`))) {
      expect(stdout).toContain(block.text.replaceAll(/^(?=.)/gm, "    "));
    }
    expect(stdout).not.toMatch(/\*\*|```|<!--|\]\(/);
  });

  it("shows one as JSON", async () => {
    const { stdout } = await run("rules", "or-ed-selectors", "--format=json");
    expect(listed.parse(JSON.parse(stdout)).rules).toMatchObject([
      { id: "or-ed-selectors", profile: "baseline" },
    ]);
  });

  it("helps with a mistyped id", async () => {
    const { code, stdout, stderr } = await run("rules", "or-ed-selector");
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain('there is no rule "or-ed-selector", did you mean or-ed-selectors?');
  });

  it("takes -o for --format, as kubectl does", async () => {
    const long = await run("rules", "--format", "json");
    expect(await run("rules", "-o", "json")).toEqual(long);
    expect(await run("rules", "-ojson")).toEqual(long);
  });

  it("says how it is used", async () => {
    const { code, stdout } = await run("rules", "--help");
    expect(code).toBe(0);
    expect(stdout).toContain("Usage: ringfence rules [options] [id]");
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      '-o, --format <format> form of the output (choices: "text", "json", default: "text")',
    );
  });

  it("names several that are near, and none where none is", async () => {
    expect((await run("rules", "allow-all-gress")).stderr).toContain(
      "did you mean allow-all-egress or allow-all-ingress?",
    );
    expect((await run("rules", "zebra")).stderr).toContain('there is no rule "zebra"\nSee ringfence rules\n');
  });

  it("refuses other formats", async () => {
    const { code, stderr } = await run("rules", "--format", "yaml");
    expect(code).toBe(2);
    expect(stderr).toContain("Allowed choices are text, json");
  });
});
