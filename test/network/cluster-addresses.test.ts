import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { blocksCover, cidr, parseCidr } from "#src/network/cidr.ts";
import { clusterAddresses, RangeSet, type AddressFacts } from "#src/network/cluster-addresses.ts";
import type { NodeFacts } from "#src/wire/cluster-facts.ts";

const nothingKnown = { pods: [], services: [], nodes: [] };
const question = { verb: "list", resource: "nodes" } as const;

function node(podCIDRs: readonly string[], addresses: readonly string[] = []): NodeFacts {
  const empty = new Map<string, string>();
  return {
    name: "node",
    labels: empty,
    annotations: empty,
    podCIDRs,
    addresses,
    providerID: "",
    osImage: "",
    operatingSystem: "linux",
    kubeletVersion: "",
  };
}

function factsWith(nodes: readonly NodeFacts[], serviceCidrs: readonly string[]): AddressFacts {
  return {
    nodes: { state: "read", question, value: { nodes, total: nodes.length } },
    controlPlaneNodes: { state: "read", question, value: [] },
    serviceCidrs: { state: "read", question, value: serviceCidrs },
  };
}

const range = (text: string) => {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
};

describe("the addresses of a cluster", () => {
  test("are those that nodes and ServiceCIDRs tell, and those that are known besides", () => {
    const nodes = [node(["10.244.0.0/24"], ["192.168.7.11"]), node(["10.244.1.0/24"], ["192.168.7.12"])];
    const found = clusterAddresses(factsWith(nodes, ["10.96.0.0/16"]), {
      ...nothingKnown,
      pods: ["10.60.0.0/14"],
    });
    const { pods, services, nodes: own } = found ?? {};
    expect(
      ["10.244.0.7/32", "10.244.0.0/23", "10.61.0.0/16"].map((text) => pods?.holds(range(text))),
    ).toEqual([true, true, true]);
    expect(pods?.holds(range("10.244.0.0/16"))).toBe(false);
    expect(services?.holds(range("10.96.0.1/32"))).toBe(true);
    expect(own?.holds(range("192.168.7.12/32"))).toBe(true);
    expect(own?.holds(range("192.168.7.13/32"))).toBe(false);
    expect(found?.dualStack).toBe(false);
  });

  test("what may not be read is not known, and nothing else", () => {
    const facts = { ...factsWith([], ["10.96.0.0/16"]), nodes: { state: "forbidden", question } as const };
    const found = clusterAddresses(facts, nothingKnown);
    expect(found?.pods.isEmpty).toBe(true);
    expect(found?.services.holds(range("10.96.0.0/16"))).toBe(true);
    expect(clusterAddresses(factsWith([], []), nothingKnown)).toBeUndefined();
    expect(clusterAddresses(undefined, nothingKnown)).toBeUndefined();
    expect(clusterAddresses(undefined, { ...nothingKnown, nodes: ["10.0.0.0/24"] })).toBeDefined();
  });

  test.each([
    [["10.96.0.0/16", "fd00::/112"], ["10.244.0.0/24"], true],
    [[], ["10.244.0.0/24", "fd00:1::/64"], true],
    [["10.96.0.0/16"], ["10.244.0.0/24"], false],
    [["fd00::/112"], ["fd00:1::/64"], false],
  ])("Services %j and pods %j: dual-stack %s", (services, pods, dualStack) => {
    expect(clusterAddresses(factsWith([node(pods)], services), nothingKnown)?.dualStack).toBe(dualStack);
  });

  test("what cannot be read as a range is left out", () => {
    expect(new RangeSet(["", "x/8", "10.0.0.0/99"]).isEmpty).toBe(true);
  });
});

describe("RangeSet", () => {
  // Few addresses, so that ranges often touch.
  const small = fc
    .tuple(
      fc.constantFrom(4 as const, 6 as const),
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 0, max: 8 }),
    )
    .map(([family, value, bits]) => cidr(family, BigInt(value), (family === 4 ? 32 : 128) - bits));

  property.prop([fc.array(small, { maxLength: 8 }), small])(
    "holds what the ranges together hold",
    (ranges, asked) => {
      const set = new RangeSet(ranges.map(({ text }) => text));
      const blocks = ranges.map((each) => ({ cidr: each, except: [] }));
      expect(set.holds(asked)).toBe(blocksCover(blocks, { cidr: asked, except: [] }));
    },
  );
});
