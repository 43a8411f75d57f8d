import { z } from "zod";
import { apiVersion, configurationSchema, kind } from "../../src/config/schema.ts";
import type { Rule } from "../../src/model/rule.ts";
import { code, generated, table } from "./markdown.ts";

/** The part of JSON Schema that zod writes for the configuration. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

/** docs/reference/configuration.schema.json: what editors check the file with. */
export function configurationJsonSchema(rules: readonly Rule[]): string {
  return `${JSON.stringify(schemaOf(rules), undefined, 2)}\n`;
}

/** docs/reference/configuration.md. */
export function configurationPage(rules: readonly Rule[]): string {
  const sections = sectionsOf("", schemaOf(rules));
  return [
    generated,
    "# Configuration",
    `One YAML file of \`apiVersion: ${apiVersion}\` and \`kind: ${kind}\`, given by \`ringfence serve --config FILE\`. It is read strictly: a key that is not known is an error. All errors are shown at once, each with file, line and column; what stands in the first of two equal keys is not looked at. \`serve\` takes over a changed file without a restart; while the file has an error the last good one stays in force, which \`/readyz?verbose\`, the log and the metric \`ringfence_config_last_reload_successful\` show.`,
    "The file is read as YAML 1.2 (so `on` is a word and `2026-12-31` a text); JSON is YAML too. Durations are written as in Kubernetes: `500ms`, `0.2s`. A schema for editors: [configuration.schema.json](configuration.schema.json).",
    ...sections,
  ]
    .join("\n\n")
    .concat("\n");
}

function schemaOf(rules: readonly Rule[]): Schema {
  const schema = z.toJSONSchema(configurationSchema(rules), { io: "input", unrepresentable: "any" });
  return { title: kind, ...schema } as Schema;
}

/** A mapping's own table, then those of the mappings in it. */
function sectionsOf(path: string, schema: Schema): readonly string[] {
  const all = Object.entries(schema.properties ?? {});
  // Of the rules only those that have options.
  const properties = all.filter(([, value]) => value.type !== "object" || !isEmpty(value));
  if (properties.length === 0) return [];
  const rows = properties.map(([key, value]) => [
    code(key),
    typeText(value),
    defaultText(value, schema.required?.includes(key) ?? false),
    value.description ?? "",
  ]);
  const head = path === "" ? "## The file" : `## ${code(path)}`;
  const about = path === "" || schema.description === undefined ? [] : [schema.description];
  const own = [head, ...about, table(["key", "type", "default", "meaning"], rows)];
  const inner = properties.flatMap(([key, value]) => {
    const name = path === "" ? key : `${path}.${key}`;
    return value.type === "array" ? sectionsOf(`${name}[]`, value.items ?? {}) : sectionsOf(name, value);
  });
  return [...own, ...inner];
}

function isEmpty(schema: Schema): boolean {
  return schema.properties !== undefined && Object.keys(schema.properties).length === 0;
}

function typeText(schema: Schema): string {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) {
    // More than a few are the rules' ids, which have a page of their own.
    return schema.enum.length > 6
      ? "a rule's id"
      : schema.enum.map((value) => code(String(value))).join(", ");
  }
  if (schema.type === "array") return `list of ${listed(schema.items ?? {})}`;
  if (schema.type === "object")
    return schema.properties === undefined ? "mapping of text to text" : "section";
  if (schema.type === "integer") return `number, ${schema.minimum ?? ""}–${schema.maximum ?? ""}`;
  if (schema.type === "boolean") return "true, false";
  return "text";
}

function listed(items: Schema): string {
  if (items.type === "object") return "sections";
  return items.enum !== undefined && items.enum.length > 6 ? "rule ids" : "text";
}

function defaultText(schema: Schema, required: boolean): string {
  if (required) return "required";
  if (schema.default === undefined) return "";
  if (schema.type === "object") return "see below";
  return code(JSON.stringify(schema.default));
}
