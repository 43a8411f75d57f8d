import { z } from "zod";
import { formatPath } from "../model/finding.ts";
import { nearNames } from "../model/near.ts";

/** One thing that is wrong with a document; `path` is where, `at` whether the key or its value is meant. */
export interface Fault {
  readonly path: readonly (string | number)[];
  readonly at: "key" | "value";
  readonly text: string;
}

/** The faults of what a schema refused, one for each unknown key, in words of ours; the first `most` of them. */
export function faultsOf(
  schema: z.ZodType,
  input: unknown,
  issues: readonly z.core.$ZodIssue[],
  most = Infinity,
): readonly Fault[] {
  let left = most;
  let json: JsonSchema | undefined;
  return issues.slice(0, most).flatMap((issue): Fault[] => {
    if (left <= 0) return [];
    const path = issue.path.map((segment) => (typeof segment === "symbol" ? String(segment) : segment));
    const { written, value } = asWritten(input, path);
    if (issue.code === "unrecognized_keys") {
      json ??= jsonSchemaOf(schema);
      const known = keysAt(json, path);
      const keys = issue.keys.slice(0, left);
      left -= keys.length;
      return keys.map((key) => ({
        path: [...written, key],
        at: "key",
        text: `is not known here${nearText(key, known)}; allowed keys: ${known.join(", ") || "none"}`,
      }));
    }
    left -= 1;
    return [{ path: written, at: "value", text: textOf(issue, value) }];
  });
}

/** `limits.peers: must be …`; of the document as a whole, `the file must be …`, as it is called. */
export function faultText({ path, text }: Fault, whole: string): string {
  return path.length === 0 ? `${whole} ${text}` : `${formatPath(path)}: ${text}`;
}

function textOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === null) return "has no value; give it one, or remove the key";
  switch (issue.code) {
    case "invalid_value": {
      const allowed = issue.values.map(String);
      const are = `allowed values: ${allowed.join(", ") || "none"}`;
      if (value === undefined) return `is missing; ${are}`;
      return `${shown(value)} is not known${typeof value === "string" ? nearText(value, allowed) : ""}; ${are}`;
    }
    case "invalid_type": {
      if (value === undefined) return `is missing; it must be ${typeName(issue.expected)}`;
      const quote = issue.expected === "string" && typeof value !== "object" ? "; put it in quotes" : "";
      return `must be ${typeName(issue.expected)}, not ${shown(value)}${quote}`;
    }
    case "too_small":
      return issue.origin === "int" || issue.origin === "number"
        ? `${shown(value)} is too small; at least ${String(issue.minimum)}`
        : issue.message;
    case "too_big":
      return issue.origin === "int" || issue.origin === "number"
        ? `${shown(value)} is too large; at most ${String(issue.maximum)}`
        : issue.message;
    case "invalid_key":
      return issue.issues.map((inner) => inner.message).join("; ");
    case "invalid_format":
    case "invalid_union":
    case "invalid_element":
    case "not_multiple_of":
    case "unrecognized_keys":
    case "custom":
      return typeof value === "string" || typeof value === "number"
        ? `${shown(value)} ${issue.message}`
        : issue.message;
  }
}

function typeName(expected: string): string {
  if (expected === "int") return "a whole number";
  if (expected === "array") return "a list";
  if (expected === "object" || expected === "record") return "a mapping of keys to values";
  if (expected === "boolean") return "true or false";
  return `a ${expected}`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function nearText(typed: string, known: readonly string[]): string {
  const near = nearNames(typed, known);
  return near.length === 0 ? "" : `, did you mean ${near.join(" or ")}?`;
}

/**
 * The value at a path of the schema, and its path in what was written: short forms leave out steps, as `from: { app: web }` does for
 * `from.pods.app`, and `[10.0.5.0/24]` for `[0].cidr`. Undefined for a key that is not there.
 */
function asWritten(
  input: unknown,
  path: Fault["path"],
): { readonly written: Fault["path"]; readonly value: unknown } {
  const written: (string | number)[] = [];
  let value = input;
  for (const [index, segment] of path.entries()) {
    if (typeof value !== "object" || value === null) break;
    if (Object.hasOwn(value, segment)) {
      value = (value as Record<string | number, unknown>)[segment];
      written.push(segment);
    } else if (index === path.length - 1) return { written: [...written, segment], value: undefined };
  }
  return { written, value };
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
}

/** The one public way to ask a schema what it knows; it takes milliseconds. */
function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
}

/** The keys that the schema knows at a path. */
function keysAt(schema: JsonSchema, path: Fault["path"]): readonly string[] {
  let node: JsonSchema | undefined = schema;
  for (const segment of path) {
    if (typeof segment === "number") node = node?.items;
    else
      node =
        node?.properties !== undefined && Object.hasOwn(node.properties, segment)
          ? node.properties[segment]
          : undefined;
  }
  return Object.keys(node?.properties ?? {});
}
