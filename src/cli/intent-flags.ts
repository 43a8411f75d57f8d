// One flag for each key of an intent, from the schema of the intent itself.

import { Option, type Command as Parser } from "commander";
import { parse } from "yaml";
import { faultsOf, faultText, type Fault } from "../document/faults.ts";
import { messageOf, RingfenceError } from "../errors.ts";
import { intentKeys, type Intent } from "../intent/keys.ts";
import { intentSchema } from "../intent/schema.ts";

/** What was given for a key, as typed, in order. */
export type GivenKeys = ReadonlyMap<Key, readonly string[]>;

type Key = keyof Intent;

interface KeyFlag {
  readonly key: Key;
  /** `--allow-dns` */
  readonly name: string;
  readonly takes: "switch" | "items" | "text";
  readonly option: Option;
}

/** A flag for each key; they know the values themselves as little as the annotation's text does. */
export function intentFlags(): readonly KeyFlag[] {
  return (Object.keys(intentKeys.shape) as Key[]).map((key) => {
    const name = flagOf(key);
    const takes = takenBy(key);
    const value = { switch: " [value]", items: " <item>", text: " <value>" }[takes];
    const again = takes === "items" ? "; may be repeated" : "";
    const option = new Option(
      `${name}${value}`,
      `${inHelp(intentKeys.shape[key].description ?? "")}${again}`,
    ).argParser((text, before: Given) => [...textsOf(before), text]);
    return { key, name, takes, option };
  });
}

/** The keys that a command line gives. */
export function givenKeys(flags: readonly KeyFlag[], parser: Parser): GivenKeys {
  return new Map(
    flags.flatMap(({ key, option }): [Key, readonly string[]][] => {
      const given = textsOf(parser.getOptionValue(option.attributeName()) as Given);
      return given.length === 0 ? [] : [[key, given]];
    }),
  );
}

/** What the parser keeps: the texts, or that a flag stood there without one. */
type Given = readonly string[] | true | undefined;

function textsOf(given: Given): readonly string[] {
  return given === true ? ["true"] : (given ?? []);
}

/** `--allow-kube-api` of `allowKubeAPI`. */
export function flagOf(key: Key): string {
  return `--${key.replaceAll(/([a-z])([A-Z])/g, "$1-$2").toLowerCase()}`;
}

/** The intent that flags say. RF_ERR_USAGE with every fault. */
export function intentOfFlags(given: GivenKeys): Intent {
  const input = Object.fromEntries([...given].map(([key, texts]) => [key, valueOf(key, texts)]));
  const result = intentSchema.safeParse(input);
  if (result.success) return result.data;
  const faults = faultsOf(intentSchema, input, result.error.issues);
  throw usage(faults.map((fault) => saidOf(fault, given)).join("\n"));
}

function valueOf(key: Key, texts: readonly string[]): unknown {
  const takes = takenBy(key);
  const [text = "", second] = texts;
  if (takes !== "items" && second !== undefined) throw usage(`${flagOf(key)} is given twice`);
  if (takes === "text") return text;
  return takes === "items" ? texts.map((item) => written(key, item)) : written(key, text);
}

/** A mapping as in the annotation, `true` or `false`; all else is a text as it stands, also where YAML reads a number. */
function written(key: Key, text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  if (!text.startsWith("{")) return text;
  try {
    return parse(text, { version: "1.2", prettyErrors: false });
  } catch (cause) {
    const why = messageOf(cause);
    throw usage(`${flagOf(key)} ${text}: cannot be read: ${why.split("\n", 1)[0] ?? ""}`);
  }
}

/** By what the key's schema takes: a list, or the plain `true`. */
function takenBy(key: Key): KeyFlag["takes"] {
  const schema = intentKeys.shape[key];
  if (schema.safeParse([]).success) return "items";
  return schema.safeParse(true).success ? "switch" : "text";
}

/** The fault with the flag for the key, and the item for its index. */
function saidOf({ path: [key, index, ...rest], at, text }: Fault, given: GivenKeys): string {
  const of = [...given.keys()].find((one) => one === key);
  if (of === undefined) return text;
  const item = typeof index === "number" ? given.get(of)?.[index] : undefined;
  const flag = item === undefined ? flagOf(of) : `${flagOf(of)} ${item}`;
  const inside = item === undefined && index !== undefined ? [index, ...rest] : rest;
  return inside.length === 0 ? `${flag}: ${text}` : `${flag}: ${faultText({ path: inside, at, text }, flag)}`;
}

/** As the other options are described: small, without a full stop. */
function inHelp(description: string): string {
  return description.charAt(0).toLowerCase() + description.slice(1).replace(/\.$/, "");
}

function usage(text: string): RingfenceError {
  return new RingfenceError("RF_ERR_USAGE", `${text}\nSee ringfence generate --help`);
}
