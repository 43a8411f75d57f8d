import { Composer, LineCounter, Parser, isAlias, isMap, isNode, isScalar, isSeq } from "yaml";
import type { Document } from "yaml";
import type { z } from "zod";
import { faultsOf, faultText } from "./faults.ts";
import type { Fault } from "./faults.ts";
import { misshapen, repeatedKeys, type Found } from "./yaml-shape.ts";

/** What is wrong at a place of the text; line and column are counted from 1. */
export interface Flaw {
  readonly line: number;
  readonly column: number;
  /** `limits.peers: must be a list, not 3` */
  readonly text: string;
}

/** How messages call what is read. */
export interface Names {
  /** `the file` */
  readonly whole: string;
  /** `a RingfenceConfiguration` */
  readonly content: string;
}

/** So many flaws are told: to find where each stands, and what was meant, takes longer than to read the text. */
const mostFlaws = 100;

/** The value of a document that its schema takes, or its flaws, in order. */
export type Reading<T> =
  | { readonly value: T; readonly flaws?: undefined }
  | { readonly flaws: readonly Flaw[]; readonly value?: undefined };

/**
 * Reads one YAML document and checks it against a schema; never throws. YAML 1.2, in which `on` is a word and 2026-12-31 a
 * text: nothing but this program reads such documents as YAML.
 */
export function readStrict<S extends z.ZodType>(
  text: string,
  schema: S,
  names: Names,
  { aliases }: { readonly aliases: boolean } = { aliases: true },
): Reading<z.output<S>> {
  const lines = new LineCounter();
  const flaw = ({ offset, text: says }: Found): Flaw => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1), text: says };
  };
  const { document, found } = oneDocument(text, lines, names, aliases);
  if (document === undefined) return { flaws: found.map(flaw) };
  const faults: Found[] = [];
  let input: unknown;
  try {
    faults.push(...repeatedKeys(document, mostFlaws));
    input = document.toJS();
  } catch (cause) {
    // An alias without its anchor, or aliases that multiply beyond any use.
    const problem = cause instanceof Error ? cause.message : String(cause);
    return { flaws: [flaw({ offset: 0, text: `${names.whole} cannot be read as YAML: ${problem}` })] };
  }
  // Each document is read once: to compile the schema first takes longer than all that its parsing would save.
  const result = schema.safeParse(input, { jitless: true });
  if (!result.success) {
    for (const fault of faultsOf(schema, input, result.error.issues, mostFlaws)) {
      faults.push({ offset: offsetOf(document, fault), text: faultText(fault, names.whole) });
    }
  }
  if (result.success && faults.length === 0) return { value: result.data };
  return {
    flaws: faults
      .sort((a, b) => a.offset - b.offset)
      .slice(0, mostFlaws)
      .map(flaw),
  };
}

/** Faults of the syntax end here, since what stands around them cannot be trusted. */
function oneDocument(
  text: string,
  lines: LineCounter,
  { whole, content }: Names,
  aliases: boolean,
): { readonly document?: Document.Parsed; readonly found: readonly Found[] } {
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const shape = misshapen(tokens, aliases);
  if (shape.length > 0) return { found: shape };
  const composer = new Composer({
    version: "1.2",
    prettyErrors: false,
    // That compares each key with each; we look for ourselves.
    uniqueKeys: false,
    // It would tell of mappings as keys on standard error; the schema knows no such key.
    logLevel: "error",
  });
  const documents = [...composer.compose(tokens)].filter((one) => !isEmpty(one));
  const [document, second] = documents;
  if (document === undefined) {
    return { found: [{ offset: 0, text: `${whole} is empty; it must hold ${content}` }] };
  }
  const found = [...documents.flatMap((one) => one.errors), ...documents.flatMap((one) => one.warnings)].map(
    (error) => ({ offset: error.pos[0], text: firstLine(error.message) }),
  );
  if (second !== undefined) {
    const offset = second.contents?.range[0] ?? second.range[0];
    found.push({ offset, text: `a second document begins here; ${whole} must hold one` });
  }
  return found.length > 0 ? { found: found.slice(0, mostFlaws) } : { document, found };
}

function isEmpty({ contents, errors }: Document.Parsed): boolean {
  return errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null));
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? message;
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
