import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { filesIn } from "./fixtures.ts";
import { type KubernetesObject, parseObjects } from "./objects.ts";

/** A manifest of test/fixtures/scenarios, with the rules by which it is denied; none where it is fine. */
export interface Scenario {
  /** `s05-three-tiers-in-one`. */
  readonly name: string;
  readonly path: string;
  readonly object: KubernetesObject;
  /** In baseline, alone. */
  readonly base: readonly string[];
  /** In baseline, where the DNS allow stands. */
  readonly baseWithDns: readonly string[];
  /** In restricted, where the DNS allow stands. */
  readonly restrictedWithDns: readonly string[];
}

/** The manifest that opens DNS to all pods of a namespace. */
export const dnsAllow = "s04-allow-dns";

/** All scenarios, in order; throws where a file is not as the README there says. */
export function readScenarios(): Scenario[] {
  return filesIn("scenarios").map((path) => {
    const text = readFileSync(path, "utf8");
    const [object, ...more] = parseObjects(text, path);
    if (object === undefined || more.length > 0) throw new Error(`${path}: must hold one object`);
    const rulesOf = (directive: string): string[] => {
      const value = new RegExp(`^# ${directive}: (.+)$`, "m").exec(text)?.[1];
      if (value === undefined) throw new Error(`${path}: lacks # ${directive}:`);
      return value === "fine" ? [] : value.split(", ").sort();
    };
    return {
      name: basename(path, ".yaml"),
      path,
      object,
      base: rulesOf("base"),
      baseWithDns: rulesOf("base with DNS"),
      restrictedWithDns: rulesOf("restricted with DNS"),
    };
  });
}
