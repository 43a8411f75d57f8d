import { describe, expect, it } from "vitest";
import { validate } from "../support/decisions.ts";
import { asking, inShop } from "../support/fixture-requests.ts";
import { cluster } from "../support/fixtures.ts";
import type { KubernetesObject } from "../support/objects.ts";
import { dnsAllow, readScenarios } from "../support/scenarios.ts";
import { settingsWith } from "../support/settings.ts";

const scenarios = readScenarios();
const settings = settingsWith({ curableHold: 0 });

describe("manifests that people learn from", () => {
  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))("%s", async (_, scenario) => {
    const dns = scenarios.find(({ name }) => name === dnsAllow)?.objects;
    if (dns === undefined) throw new Error(`${dnsAllow} is gone`);
    for (const object of scenario.objects) {
      expect(await deniedBy(object, "baseline", [])).toEqual(scenario.base);
      expect(await deniedBy(object, "baseline", dns)).toEqual(scenario.baseWithDns);
      expect(await deniedBy(object, "restricted", dns)).toEqual(scenario.restrictedWithDns);
    }
  });

  it("are fifteen", () => {
    const numbers = scenarios.map(({ name }) => Number(/^s(\d\d)-/.exec(name)?.[1]));
    expect(numbers).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
  });
});

async function deniedBy(
  object: KubernetesObject,
  profile: "baseline" | "restricted",
  standing: readonly KubernetesObject[],
): Promise<string[]> {
  const surroundings = [...cluster, ...standing.map(inShop)].map((one) => asking(profile, one));
  const verdict = await validate({
    cluster: surroundings,
    operation: "CREATE",
    object: inShop(object),
    settings,
  });
  const denied = verdict.findings.filter(({ effect }) => effect === "deny").map(({ rule }) => rule.id);
  expect(verdict.allowed).toBe(denied.length === 0);
  return [...new Set(denied)].sort();
}
