import { createHash } from "node:crypto";
import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";
import { messageOf, RingfenceError } from "../errors.ts";
import type { Rule } from "../model/rule.ts";
import type { Settings } from "../model/settings.ts";
import { parseConfiguration, readConfiguration } from "./load.ts";

/** What is in force and how it came about; for `/readyz?verbose`, logs and metrics. */
export interface ConfigurationState {
  /** When the settings in force were loaded. */
  readonly loadedAt: Date;
  /** SHA-256 of the file that they came from, in hexadecimal. */
  readonly hash: string;
  /** Why the file that stands there now is not in force; absent while it is. */
  readonly error?: RingfenceError;
}

export interface ConfigurationWatch {
  /** The last good settings. */
  settings(): Settings;
  state(): ConfigurationState;
  /** Looks at the file now, instead of at the next event or poll. */
  check(): void;
  close(): void;
}

export interface WatchOptions {
  readonly rules: readonly Rule[];
  /** The file has good content that is not in force, or that mends a fault; it is in force now. */
  readonly onChange: (settings: Settings, state: ConfigurationState) => void;
  /** The file cannot be used; called once for each different fault. The last good settings stay in force. */
  readonly onError: (error: RingfenceError, state: ConfigurationState) => void;
  readonly now?: () => Date;
  /** Milliseconds between two looks at the file where no event tells of a change (network file systems). */
  readonly pollInterval?: number;
  /** Milliseconds of quiet after an event before the file is read, so that it is not read half written. */
  readonly settle?: number;
}

/**
 * Loads a configuration file and keeps it current. The directory is watched, not the file: a ConfigMap is updated by
 * swapping the symlink `..data` beside it, and editors rename over the file. Throws RF_ERR_CONFIG where the file is
 * not good at the start; later the last good settings are kept.
 */
export function watchConfiguration(path: string, options: WatchOptions): ConfigurationWatch {
  const { rules, onChange, onError, now = () => new Date(), pollInterval = 10_000, settle = 50 } = options;
  const content = readConfiguration(path);
  let settings = parseConfiguration(content, path, rules);
  let state: ConfigurationState = { loadedAt: now(), hash: hashOf(content) };
  // What the last look saw, good or not, so that one content is judged once.
  let seen = state.hash;

  const check = () => {
    const outcome = look(path, rules, seen);
    if (outcome === "same") return;
    seen = outcome.seen;
    if ("error" in outcome) {
      state = { loadedAt: state.loadedAt, hash: state.hash, error: outcome.error };
      onError(outcome.error, state);
      return;
    }
    settings = outcome.settings;
    state = { loadedAt: now(), hash: outcome.seen };
    onChange(settings, state);
  };
  const close = onEvents(path, check, { pollInterval, settle });
  return { settings: () => settings, state: () => state, check, close };
}

type Outcome =
  | "same"
  | { readonly seen: string; readonly settings: Settings }
  | { readonly seen: string; readonly error: RingfenceError };

function look(path: string, rules: readonly Rule[], before: string): Outcome {
  let seen = "";
  try {
    const content = readConfiguration(path);
    seen = hashOf(content);
    return seen === before ? "same" : { seen, settings: parseConfiguration(content, path, rules) };
  } catch (cause) {
    const error = cause instanceof RingfenceError ? cause : unexpected(path, cause);
    // Without content (deleted, unreadable) the fault itself stands for it.
    if (seen === "") seen = `unread: ${error.message}`;
    return seen === before ? "same" : { seen, error };
  }
}

/** A bug of ours, met on a timer: the last good settings are worth more than the process's end. */
function unexpected(path: string, cause: unknown): RingfenceError {
  const text = messageOf(cause);
  return new RingfenceError("RF_ERR_CONFIG", `${path}: reading the configuration failed: ${text}`, { cause });
}

function hashOf(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Calls `check` after events in the file's directory and at intervals; the result ends both. */
function onEvents(
  path: string,
  check: () => void,
  { pollInterval, settle }: { readonly pollInterval: number; readonly settle: number },
): () => void {
  let quiet: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | undefined;
  const names = new Set([basename(path), "..data"]);
  try {
    watcher = watch(dirname(path), { persistent: false }, (_, name) => {
      if (name !== null && !names.has(name)) return;
      clearTimeout(quiet);
      quiet = setTimeout(check, settle);
      quiet.unref();
    });
    // The directory is gone, or the system gives no more watches: polling goes on alone.
    watcher.on("error", () => watcher?.close());
  } catch {
    // No watch to be had, for the same reasons: polling alone.
  }
  const poll = setInterval(check, pollInterval);
  poll.unref();
  return () => {
    clearTimeout(quiet);
    clearInterval(poll);
    watcher?.close();
  };
}
