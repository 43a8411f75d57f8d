import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { parseConfiguration } from "#src/config/load.ts";
import { apiVersion, kind } from "#src/config/schema.ts";
import { intentKeys } from "#src/intent/keys.ts";
import { intentAnnotation, readIntent } from "#src/intent/read.ts";
import { newestOf } from "#src/model/rule-versions.ts";
import { rules } from "#src/rules/index.ts";
import { seenTexts } from "../../scripts/docs/files.ts";
import { metrics } from "../../scripts/docs/metrics.ts";
import { validate } from "../support/decisions.ts";
import { requestOf } from "../support/fixture-requests.ts";
import { findingsOf, parseFixture } from "../support/fixtures.ts";
import { blocksOf, markdownPages, readPage, repository } from "./markdown.ts";

/** `or-ed-selectors at spec.ingress[0].from` and the like that this rule gives to an example of its page. */
async function findings(
  id: string,
  profile: (typeof rules)[number]["profile"],
  yaml: string,
  comment?: string,
) {
  const directives = comment === undefined ? "" : `# ${comment}\n`;
  const fixture = parseFixture(directives + yaml, { name: id, rule: id });
  const effect = profile === "advisory" ? "warn" : "deny";
  const found = findingsOf(await validate(requestOf(fixture, { profile })), effect);
  return found.filter((line) => line === id || line.startsWith(`${id} at `));
}

describe.each(newestOf(rules).map((rule) => [rule.id, rule] as const))(
  "the page of %s",
  (id, { profile }) => {
    const examples = blocksOf(readPage(`docs/rules/${id}.md`)).filter(({ language }) => language === "yaml");
    const faulty = profile === "advisory" ? "Warned" : "Denied";
    const under = (wanted: string) =>
      examples
        .filter(({ chapter }) => chapter === wanted)
        .map(({ text, comment }, index) => [index + 1, text, comment] as const);

    it.each(under(faulty))("shows something faulty: example %i", async (_, yaml, comment) => {
      expect(await findings(id, profile, yaml, comment)).not.toEqual([]);
    });

    it.each(under("Allowed"))("shows something allowed: example %i", async (_, yaml, comment) => {
      expect(await findings(id, profile, yaml, comment)).toEqual([]);
    });

    it("shows both", () => {
      expect(under(faulty).length).toBeGreaterThan(0);
      expect(under("Allowed").length).toBeGreaterThan(0);
    });
  },
);

describe("what pages show", () => {
  const blocks = markdownPages().flatMap((path) =>
    blocksOf(readPage(path)).map((block) => ({ path, ...block })),
  );

  it("of denials, is what kubectl was seen to print", () => {
    const seen = seenTexts(repository);
    const lines = blocks
      .filter(({ language }) => language === "text")
      .flatMap(({ text }) =>
        text.split("\n").filter((line) => /^(- [a-z-]+ at | {2}\S|Warning: )/.test(line)),
      );
    expect(lines.length).toBeGreaterThan(0);
    // A line that ends in an ellipsis is cut.
    expect(lines.filter((line) => !seen.includes(line.replace(/ …$/, "")))).toEqual([]);
  });

  it("of metrics, are metrics of the server", async () => {
    const known = new Set((await metrics()).map(({ name }) => name));
    const named = markdownPages().flatMap((path) => readPage(path).match(/\bringfence_[a-z_]+/g) ?? []);
    expect(named.length).toBeGreaterThan(0);
    for (const name of named) expect(known).toContain(name);
  });

  const configurations = blocks.filter(({ language, text }) => language === "yaml" && isConfiguration(text));

  it("of configuration, is read without a fault", () => {
    expect(configurations.length).toBeGreaterThanOrEqual(3);
    const head = `apiVersion: ${apiVersion}\nkind: ${kind}\n`;
    for (const { path, text } of configurations) {
      const whole = text.startsWith("apiVersion:") ? text : head + text;
      expect(() => parseConfiguration(Buffer.from(whole), path, rules)).not.toThrow();
    }
  });

  const declared = blocks
    .filter(({ language }) => language === "yaml")
    .flatMap(({ path, text }) => {
      const intent = intentIn(text);
      return intent === undefined ? [] : [{ path, intent }];
    });

  it("of intents, is read without a fault", () => {
    expect(declared.length).toBeGreaterThanOrEqual(3);
    for (const { path, intent } of declared) {
      // The page of the rule about such faults shows some.
      if (path !== "docs/rules/intent-invalid.md") expect(readIntent(intent).flaws, path).toBeUndefined();
    }
  });
});

const namespace = z.object({ metadata: z.object({ annotations: z.record(z.string(), z.string()) }) });

/** An intent by itself, or that of a Namespace. */
function intentIn(text: string): string | undefined {
  if (/^---$/m.test(text)) return undefined;
  const value: unknown = parse(text, { version: "1.2" });
  if (isIntent(value)) return text;
  return namespace.safeParse(value).data?.metadata.annotations[intentAnnotation];
}

function isIntent(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.keys(value).some((key) => Object.hasOwn(intentKeys.shape, key));
}

/** A whole file, or a section of one. */
function isConfiguration(text: string): boolean {
  // Several objects of Kubernetes.
  if (/^---$/m.test(text)) return false;
  const value: unknown = parse(text, { version: "1.2" });
  if (typeof value !== "object" || value === null || "metadata" in value || isIntent(value)) return false;
  return !("apiVersion" in value) || value.apiVersion === apiVersion;
}
