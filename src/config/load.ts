import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { readStrict } from "../document/strict-yaml.ts";
import { messageOf, RingfenceError } from "../errors.ts";
import type { Rule } from "../model/rule.ts";
import type { Settings } from "../model/settings.ts";
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

/** In half a sentence, why a file could not be read. */
export function whyUnreadable(error: unknown): string {
  switch (error instanceof Error && "code" in error ? error.code : undefined) {
    case "ENOENT":
      return "there is no such file";
    case "EISDIR":
      return "it is a folder; name a file";
    case "EACCES":
      return "this user may not read it";
    default:
      return messageOf(error);
  }
}

/** Validates the content of a configuration file; `file` is its name in messages. RF_ERR_CONFIG as above. */
export function parseConfiguration(content: Uint8Array, file: string, rules: readonly Rule[]): Settings {
  const reading = readStrict(decode(content, file), configurationSchema(rules), {
    whole: "the file",
    content: "a RingfenceConfiguration",
  });
  if (reading.flaws === undefined) return settingsOf(reading.value);
  const lines = reading.flaws.map(({ line, column, text }) => `${file}:${line}:${column}: ${text}`);
  throw new RingfenceError("RF_ERR_CONFIG", [...new Set(lines)].join("\n"));
}

function decode(content: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch (cause) {
    throw new RingfenceError("RF_ERR_CONFIG", `${file}:1:1: the file is not UTF-8; save it as UTF-8`, {
      cause,
    });
  }
}
