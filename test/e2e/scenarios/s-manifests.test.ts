import { describe, expect, test } from "vitest";
import { dnsAllow, readScenarios } from "../../support/scenarios.ts";
import { testNamespace } from "../support.ts";
import { apply, base, expectSeen, restricted, rulesOf } from "./scenario.ts";

/** The manifests that people learn from. */
describe.each(readScenarios())("$name", ({ name: file, base: alone, baseWithDns, restrictedWithDns }) => {
  const id = `S${Number(file.slice(1, 3))}`;

  /** Applies the manifest, after the DNS allow where asked, and returns the rules that refused it. */
  const rules = async (labels: Readonly<Record<string, string>>, dns: boolean): Promise<string[]> => {
    const shop = await testNamespace(labels);
    if (dns) expect((await apply(shop, dnsAllow)).code).toBe(0);
    const seen = await apply(shop, file);
    const found = rulesOf(seen).toSorted();
    expect(seen.code, seen.stderr).toBe(found.length === 0 ? 0 : 1);
    if (!dns && found.length > 0) await expectSeen(file, seen);
    return found;
  };

  test(`${id}${alone.length > 0 ? " R91" : ""}: alone in baseline`, async () => {
    expect(await rules(base, false)).toEqual(alone);
  });

  // S4 is the DNS allow.
  if (id !== "S4") {
    test(`${id}: in baseline with the DNS allow`, async () => {
      expect(await rules(base, true)).toEqual(baseWithDns);
    });
  }

  test(`${id}: in restricted with the DNS allow`, async () => {
    expect(await rules(restricted, id !== "S4")).toEqual(restrictedWithDns);
  });
});
