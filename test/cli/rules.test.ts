import { describe, expect, it } from "vitest";
import { z } from "zod";
import { rules } from "../../src/rules/index.ts";
import { run } from "./run.ts";

const listed = z.object({
  schemaVersion: z.literal(1),
  rules: z.array(
    z.object({ id: z.string(), profile: z.string(), summary: z.string(), fix: z.string().nullable() }),
  ),
});

describe("ringfence rules", () => {
  it("lists every rule on a line of its own", async () => {
    const { code, stdout, stderr } = await run("rules");
    expect(code).toBe(0);
    expect(stderr).toBe("");
    const [head, ...lines] = stdout.trimEnd().split("\n");
    expect(head).toMatch(/^RULE +PROFILE +FIX +SUMMARY$/);
    expect(lines.map((line) => line.split(" ", 1)[0])).toEqual(rules.map(({ id }) => id));
  });

  it("lists them as JSON", async () => {
    const { code, stdout } = await run("rules", "--format", "json");
    expect(code).toBe(0);
    const found = listed.parse(JSON.parse(stdout)).rules;
    expect(found.map(({ id }) => id)).toEqual(rules.map(({ id }) => id));
    expect(found.find(({ id }) => id === "missing-dns-egress")?.fix).toBe("widening");
  });

  it.each(rules.map((rule) => [rule.id, rule] as const))("shows %s", async (id, rule) => {
    const { code, stdout } = await run("rules", id);
    expect(code).toBe(0);
    expect(stdout.split("\n", 1)[0]).toBe(`${id}: ${rule.docs.title}`);
    const text = stdout.replaceAll(/\s+/g, " ");
    for (const part of [rule.docs.summary, rule.docs.why, rule.docs.remediation])
      expect(text).toContain(part);
    for (const url of rule.docs.references) expect(stdout).toContain(url);
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

  it("refuses other formats", async () => {
    const { code, stderr } = await run("rules", "--format", "yaml");
    expect(code).toBe(2);
    expect(stderr).toContain("Allowed choices are text, json");
  });
});
