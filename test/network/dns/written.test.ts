import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { dnsRule } from "#src/network/dns-rule.ts";
import { generateFlags, peersText, ruleOfFlags } from "#src/network/dns/written.ts";
import { kubeDns, profileOf } from "../cluster.ts";

describe("the flags of generate dns", () => {
  it("are none for kube-dns", () => {
    const rule = dnsRule(profileOf(kubeDns()));
    expect(rule && generateFlags(rule)).toBe("");
    expect(ruleOfFlags({})).toEqual(rule);
  });

  it("cannot say ranges, except one address, nor selectors other than by name", () => {
    const ports = [{ protocol: "UDP", port: 53 }];
    expect(generateFlags({ to: [{ ipBlock: { cidr: "10.0.0.0/8" } }], ports })).toBeUndefined();
    expect(generateFlags({ to: [{ podSelector: {} }], ports })).toBeUndefined();
    expect(generateFlags({ to: [{ ipBlock: { cidr: "fd00::a/128" } }], ports })).toBe(" --to fd00::a");
  });

  const name = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  const label = fc.tuple(
    fc.stringMatching(/^([a-z]{1,5}\.dev\/)?[a-z]{1,6}$/),
    fc.stringMatching(/^[a-z0-9-]{0,5}$/),
  );
  const pods = fc
    .record({
      namespace: name,
      labels: fc.uniqueArray(label, { minLength: 0, maxLength: 2, selector: ([key]) => key }),
    })
    .map(({ namespace, labels }) => `${namespace}/${labels.map((pair) => pair.join("=")).join(",")}`);
  const address = fc.constantFrom("169.254.20.10", "10.96.0.10", "fd00::a");
  const to = fc.uniqueArray(fc.oneof(pods, address), { minLength: 1, maxLength: 4 });
  const ports = fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 3 });

  test.prop([to, ports])("say the same rule again", (written, numbers) => {
    const rule = ruleOfFlags({ to: written, ports: numbers });
    const flags = generateFlags(rule) ?? "unsaid";
    const said = flags.split(" ").filter((word) => word !== "");
    const values = (flag: string) => said.flatMap((word, i) => (said[i - 1] === flag ? [word] : []));
    const again = values("--to").length === 0 ? {} : { to: values("--to") };
    const portsAgain = values("--port").map(Number);
    expect(ruleOfFlags({ ...again, ...(portsAgain.length > 0 && { ports: portsAgain }) })).toEqual(rule);
  });
});

it.each(["default", "true", "1", "a: b", "10.0.0.1/32", "fd00::a/128", "", "x.y/z", "null"])(
  "peers are written so that YAML reads %j again",
  (value) => {
    const peers = [
      { podSelector: { matchLabels: { "example.com/a": value } } },
      { ipBlock: { cidr: value } },
    ];
    expect(parse(`[${peersText(peers)}]`)).toEqual(peers);
  },
);
