import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type KubernetesObject, parseObjects } from "./objects.ts";

const directory = fileURLToPath(new URL("../e2e/scenarios/", import.meta.url));

/**
 * One of the manifests that people learn from. Its leading comment holds the verdicts, each a list of rule ids or `fine`:
 * `# base:`, `# base with DNS:` and `# restricted with DNS:`. Rules that are not built yet are not named.
 */
export interface Scenario {
  /** `s05-three-tiers-in-one`. */
  readonly name: string;
  readonly objects: readonly KubernetesObject[];
  /** In baseline, alone. */
  readonly base: readonly string[];
  /** In baseline, where the DNS allow stands. */
  readonly baseWithDns: readonly string[];
  /** In restricted, where the DNS allow stands. */
  readonly restrictedWithDns: readonly string[];
}

/** The manifest that opens DNS to all pods of a namespace. */
export const dnsAllow = "s04-allow-dns";

/** All of them, in order; throws where a file lacks one of its verdicts. */
export function readScenarios(): Scenario[] {
  const files = readdirSync(directory).filter((file) => /^s[0-9].*\.yaml$/.test(file));
  return files.sort().map((file) => {
    const path = join(directory, file);
    const text = readFileSync(path, "utf8");
    const rulesOf = (directive: string): string[] => {
      const value = new RegExp(`^# ${directive}: (.+)$`, "m").exec(text)?.[1];
      if (value === undefined) throw new Error(`${path}: lacks # ${directive}:`);
      return value === "fine" ? [] : value.split(", ").sort();
    };
    return {
      name: basename(path, ".yaml"),
      objects: parseObjects(text, path),
      base: rulesOf("base"),
      baseWithDns: rulesOf("base with DNS"),
      restrictedWithDns: rulesOf("restricted with DNS"),
    };
  });
}
