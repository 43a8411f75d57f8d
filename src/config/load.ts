import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { LineCounter, isAlias, isMap, isNode, isScalar, isSeq, parseAllDocuments } from "yaml";
import type { Document } from "yaml";
import { RingfenceError } from "../errors.ts";
import type { Rule } from "../model/rule.ts";
import type { Settings } from "../model/settings.ts";
import { faultText, faultsOf } from "./faults.ts";
import type { Fault } from "./faults.ts";
import { configurationSchema } from "./schema.ts";
import { settingsOf } from "./settings.ts";

/** A ConfigMap cannot hold more. */
const maxBytes = 1024 * 1024;

/**
 * Reads and validates a configuration file. Throws RF_ERR_CONFIG with every fault of the file at once, one a line:
 * `file:line:col: path: what is wrong; allowed values: …`.
 */
export function loadConfiguration(path: string, rules: readonly Rule[]): Settings {
  return parseConfiguration(readConfiguration(path), path, rules);
}

/** The bytes of the file; RF_ERR_CONFIG where it cannot be read or is larger than 1 MiB. */
export function readConfiguration(path: string): Buffer {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    throw unreadable(path, error);
  }
  try {
    const { size } = fstatSync(file);
    if (size > maxBytes) {
      throw new RingfenceError(
        "RF_ERR_CONFIG",
        `${path}: is larger than 1 MiB (${size} bytes); make it smaller`,
      );
    }
    return readFileSync(file);
  } catch (error) {
    throw error instanceof RingfenceError ? error : unreadable(path, error);
  } finally {
    closeSync(file);
  }
}

function unreadable(path: string, error: unknown): RingfenceError {
  const why = whyUnreadable(error);
  return new RingfenceError("RF_ERR_CONFIG", `${path}: the configuration cannot be read: ${why}`, {
    cause: error,
  });
}

function whyUnreadable(error: unknown): string {
  switch (error instanceof Error && "code" in error ? error.code : undefined) {
    case "ENOENT":
      return "there is no such file";
    case "EISDIR":
      return "it is a folder; name a file";
    case "EACCES":
      return "this user may not read it";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/** Validates the content of a configuration file; `file` is its name in messages. RF_ERR_CONFIG as above. */
export function parseConfiguration(content: Uint8Array, file: string, rules: readonly Rule[]): Settings {
  const lines = new LineCounter();
  const where = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  const document = parseDocument(content, file, lines, where);
  const faults: { readonly offset: number; readonly text: string }[] = document.errors.map((error) => ({
    offset: error.pos[0],
    text: error.code === "DUPLICATE_KEY" ? "this key stands twice in one mapping" : firstLine(error.message),
  }));
  const input = toPlain(document, file);
  const schema = configurationSchema(rules);
  const result = schema.safeParse(input);
  if (!result.success) {
    for (const fault of faultsOf(schema, input, result.error.issues)) {
      faults.push({ offset: offsetOf(document, fault), text: faultText(fault) });
    }
  }
  if (result.success && faults.length === 0) return settingsOf(result.data);
  throw refused(
    faults.sort((a, b) => a.offset - b.offset).map(({ offset, text }) => `${where(offset)}: ${text}`),
  );
}

function refused(lines: readonly string[]): RingfenceError {
  return new RingfenceError("RF_ERR_CONFIG", [...new Set(lines)].join("\n"));
}

/**
 * The one document of the file. YAML 1.2, in which `on` is a word and 2026-12-31 a text: nothing but this program reads
 * the file as YAML. Faults of the syntax end here, since what stands around them cannot be trusted.
 */
function parseDocument(
  content: Uint8Array,
  file: string,
  lines: LineCounter,
  where: (offset: number) => string,
): Document.Parsed {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch (cause) {
    throw new RingfenceError("RF_ERR_CONFIG", `${file}:1:1: the file is not UTF-8; save it as UTF-8`, {
      cause,
    });
  }
  const parsed = parseAllDocuments(text, { version: "1.2", lineCounter: lines, prettyErrors: false });
  const documents = "empty" in parsed ? [] : parsed.filter((one) => !isEmpty(one));
  const [document, second] = documents;
  if (document === undefined) {
    throw refused([`${file}:1:1: the file is empty; it must hold a RingfenceConfiguration`]);
  }
  const syntax = documents
    .flatMap((one) => one.errors)
    .filter((error) => error.code !== "DUPLICATE_KEY")
    .map((error) => `${where(error.pos[0])}: ${firstLine(error.message)}`);
  const tags = documents
    .flatMap((one) => one.warnings)
    .map((one) => `${where(one.pos[0])}: ${firstLine(one.message)}`);
  if (second !== undefined) {
    const offset = second.contents?.range[0] ?? second.range[0];
    syntax.push(`${where(offset)}: a second document begins here; the file must hold one`);
  }
  if (syntax.length + tags.length > 0) throw refused([...syntax, ...tags]);
  return document;
}

function isEmpty({ contents, errors }: Document.Parsed): boolean {
  return errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null));
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? message;
}

function toPlain(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    // An alias without its anchor, or aliases that multiply beyond any use.
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new RingfenceError("RF_ERR_CONFIG", `${file}:1:1: the file cannot be read as YAML: ${text}`, {
      cause,
    });
  }
}

/** Where a fault is shown: at its key, its value, or the nearest thing around it that stands in the file. */
function offsetOf(document: Document.Parsed, { path, at }: Fault): number {
  let offset = document.contents?.range[0] ?? 0;
  let node: unknown = document.contents;
  for (const [index, segment] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    let key: unknown;
    if (isMap(node)) {
      // Of a key that stands twice the last one is read, as in the plain value.
      const pair = node.items.findLast(
        (one) => isScalar(one.key) && String(one.key.value) === String(segment),
      );
      key = pair?.key;
      node = pair?.value;
    } else node = isSeq(node) ? node.items[Number(segment)] : undefined;
    const shown = at === "key" && index === path.length - 1 ? key : node;
    if (!isNode(shown)) break;
    offset = shown.range?.[0] ?? offset;
  }
  return offset;
}
