import { describe, expect, test } from "vitest";
import { testNamespace } from "../support.ts";
import { apply, base, expectSeen, restricted, rulesOf } from "./scenario.ts";

interface Expected {
  /** The rules that refuse it alone in a baseline namespace, and beside the DNS allow. */
  readonly alone: readonly string[];
  readonly withDns: readonly string[];
}

/** The manifests that people learn from. In restricted the same is found as beside the DNS allow in baseline. */
const manifests: readonly (Expected & { readonly file: string })[] = [
  { file: "s01-default-deny-all", alone: ["missing-dns-egress"], withDns: [] },
  { file: "s02-from-ingress-controller", alone: [], withDns: [] },
  { file: "s03-backend-to-postgres", alone: ["missing-dns-egress"], withDns: [] },
  { file: "s04-allow-dns", alone: [], withDns: [] },
  {
    file: "s05-api-in-one-policy",
    alone: ["dead-namespace-selector", "missing-dns-egress", "or-ed-selectors"],
    withDns: ["dead-namespace-selector", "or-ed-selectors"],
  },
  { file: "s06-three-kinds-of-peers", alone: ["or-ed-selectors"], withDns: ["or-ed-selectors"] },
  { file: "s07-default-deny-ingress", alone: [], withDns: [] },
  { file: "s08-default-deny-egress", alone: ["missing-dns-egress"], withDns: [] },
  { file: "s09-web-to-api", alone: [], withDns: [] },
  { file: "s10-from-monitoring", alone: [], withDns: [] },
  { file: "s11-from-monitoring-or", alone: ["or-ed-selectors"], withDns: ["or-ed-selectors"] },
  { file: "s12-to-database-range", alone: ["missing-dns-egress"], withDns: [] },
  { file: "s13-ingress-without-types", alone: [], withDns: [] },
  { file: "s14-egress-without-types", alone: ["missing-dns-egress"], withDns: [] },
  { file: "s15-database-from-backend", alone: [], withDns: [] },
];

describe.each(manifests)("$file", ({ file, alone, withDns }) => {
  const id = `S${Number(file.slice(1, 3))}`;

  /** Applies the manifest, after the DNS allow where asked, and returns the rules that refused it. */
  const rules = async (labels: Readonly<Record<string, string>>, dns: boolean): Promise<string[]> => {
    const shop = await testNamespace(labels);
    if (dns) expect((await apply(shop, "s04-allow-dns")).code).toBe(0);
    const seen = await apply(shop, file);
    const found = rulesOf(seen).toSorted();
    expect(seen.code, seen.stderr).toBe(found.length === 0 ? 0 : 1);
    if (!dns && found.length > 0) await expectSeen(file, seen);
    return found;
  };

  test(`${id}${alone.length > 0 ? " R91" : ""}: alone in baseline`, async () => {
    expect(await rules(base, false)).toEqual(alone);
  });

  test.skipIf(id === "S4")(`${id}: in baseline with the DNS allow`, async () => {
    expect(await rules(base, true)).toEqual(withDns);
  });

  test(`${id}: in restricted with the DNS allow`, async () => {
    expect(await rules(restricted, id !== "S4")).toEqual(withDns);
  });
});
