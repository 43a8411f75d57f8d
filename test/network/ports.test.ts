import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compilePorts,
  coversPorts,
  describePorts,
  isEmptyPorts,
  opensPort,
  portSet,
  portsOverlap,
  protocols,
  size,
  subtractPorts,
  unitePorts,
} from "#src/network/ports.ts";
import type { NamedPort, PortSet, Protocol } from "#src/network/ports.ts";
import type { NetworkPolicyPort } from "#src/wire/network-policy.ts";

const small = fc.integer({ min: 1, max: 8 });
const protocol = fc.constantFrom<Protocol>("TCP", "UDP");
const name = fc.constantFrom("http", "dns");

const wirePort: fc.Arbitrary<NetworkPolicyPort> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ protocol, port: small }) },
  {
    weight: 3,
    arbitrary: fc.tuple(protocol, small, small).map(([p, a, b]) => ({
      protocol: p,
      port: Math.min(a, b),
      endPort: Math.max(a, b),
    })),
  },
  { weight: 2, arbitrary: fc.record({ protocol, port: name }) },
  { weight: 1, arbitrary: fc.record({ protocol }) },
);
const wirePorts = fc.array(wirePort, { minLength: 1, maxLength: 4 });

/** Every way in which one pod may resolve the two names on two protocols, over few numbers. */
const numbers = [1, 5, 8, 65_535];
const podPorts = fc.array(fc.record({ name, protocol, port: fc.constantFrom(...numbers) }), { maxLength: 3 });

/** As the API documents it, item by item. */
function opens(
  items: readonly NetworkPolicyPort[],
  protocol: Protocol,
  port: number,
  named: readonly NamedPort[],
) {
  return items.some((item) => {
    if ((item.protocol ?? "TCP") !== protocol) return false;
    if (item.port === undefined) return true;
    if (typeof item.port === "number") return item.port <= port && port <= (item.endPort ?? item.port);
    return named.some((own) => own.name === item.port && own.protocol === protocol && own.port === port);
  });
}

function ports(items: readonly NetworkPolicyPort[]): PortSet {
  const compiled = compilePorts(items).ports;
  if (compiled === "any") throw new Error("no ports were given");
  return compiled;
}

const everyPort = protocols.flatMap((protocol) =>
  [1, 2, 3, 4, 5, 6, 7, 8, 9, 65_535].map((port) => ({ protocol, port })),
);

describe("port algebra against brute force", () => {
  test.prop([wirePorts, podPorts])("opens what the items open", (items, named) => {
    const set = ports(items);
    for (const { protocol, port } of everyPort) {
      const answer = opensPort(set, protocol, port, named);
      if (answer !== undefined) expect(answer).toBe(opens(items, protocol, port, named));
    }
  });

  test.prop([wirePorts])(
    "is unknown only where a name decides and the pod's ports are not known",
    (items) => {
      const set = ports(items);
      for (const { protocol, port } of everyPort) {
        const without = opens(items, protocol, port, []);
        const named = items.some((item) => typeof item.port === "string" && item.protocol === protocol);
        expect(opensPort(set, protocol, port, undefined)).toBe(without || (named ? undefined : false));
      }
    },
  );

  test.prop([wirePorts, wirePorts, podPorts])("covers and overlaps hold on every pod", (a, b, named) => {
    const covered = everyPort.every(
      (at) => !opens(b, at.protocol, at.port, named) || opens(a, at.protocol, at.port, named),
    );
    const shared = everyPort.some(
      (at) => opens(a, at.protocol, at.port, named) && opens(b, at.protocol, at.port, named),
    );
    const covers = coversPorts(ports(a), ports(b));
    const overlap = portsOverlap(ports(a), ports(b));
    const bNames = b.some((item) => typeof item.port === "string");
    const aNames = a.some((item) => typeof item.port === "string");
    if (covers === true) expect(covered).toBe(true);
    // A name that no pod has opens nothing, so that "no" is certain only where b's numbers decide.
    if (!aNames && !bNames) expect(covers).toBe(covered);
    if (covers === false && !bNames) expect(covered).toBe(false);
    if (!aNames && !bNames) expect(overlap).toBe(shared);
    if (overlap === false) expect(shared).toBe(false);
  });

  test.prop([wirePorts, wirePorts])("subtract and unite by numbers", (a, b) => {
    const rest = subtractPorts(ports(a), ports(b));
    const both = unitePorts([ports(a), ports(b)]);
    for (const { protocol, port } of everyPort) {
      const [inA, inB] = [opens(a, protocol, port, []), opens(b, protocol, port, [])];
      expect(opensPort(rest, protocol, port, [])).toBe(inA && !inB);
      expect(opensPort(both, protocol, port, [])).toBe(inA || inB);
    }
  });

  test.prop([wirePorts])("order does not matter, and nothing is left of a set less itself", (items) => {
    expect(ports([...items].reverse()).text).toBe(ports(items).text);
    expect(isEmptyPorts(subtractPorts(ports(items), ports(items)))).toBe(true);
    expect(coversPorts(ports(items), ports(items))).toBe(true);
    expect(coversPorts("any", ports(items))).toBe(true);
    expect(coversPorts(ports(items), "any")).toBe(false);
    expect(portsOverlap("any", ports(items))).toBe(true);
    expect(portsOverlap(ports(items), "any")).toBe(true);
    expect(unitePorts([ports(items), "any"])).toBe("any");
  });
});

describe("compilePorts", () => {
  it.each([
    [[{ port: 80 }], "80/TCP"],
    [
      [
        { protocol: "UDP", port: 53 },
        { protocol: "TCP", port: 53 },
      ],
      "53/TCP, 53/UDP",
    ],
    [[{ port: 80, endPort: 82 }, { port: 83 }, { port: 81 }], "80-83/TCP"],
    [[{ protocol: "UDP" }], "all/UDP"],
    [[{ port: 1, endPort: 65_535 }], "all/TCP"],
    [[{ port: "dns", protocol: "UDP" }], "dns/UDP"],
    [[{ port: "53" }], '"53"/TCP'],
  ])("%j is %s", (items, text) => {
    expect(ports(items).text).toBe(text);
  });

  it("reads absent and empty as any port", () => {
    expect(compilePorts(undefined)).toEqual({ ports: "any", readable: true });
    expect(compilePorts([])).toEqual({ ports: "any", readable: true });
    expect(compilePorts(null)).toEqual({ ports: "any", readable: true });
    expect(describePorts("any")).toBe("any port");
  });

  it("reads null as an item without fields, as Go does", () => {
    expect(describePorts(compilePorts([null]).ports)).toBe("all/TCP");
  });

  it.each([
    { protocol: "tcp", port: 80 },
    { protocol: "constructor", port: 80 },
    { port: 0 },
    { port: 65_536 },
    { port: 80.5 },
    { port: 80, endPort: 79 },
    { port: "http", endPort: 90 },
    { port: "" },
    { endPort: 90 },
  ])("opens nothing by %j", (item) => {
    const { ports: set, readable } = compilePorts([item]);
    expect(readable).toBe(false);
    expect(set !== "any" && isEmptyPorts(set)).toBe(true);
    expect(portsOverlap("any", set)).toBe(false);
    expect(portsOverlap(set, "any")).toBe(false);
  });
});

describe("names", () => {
  const dns = ports([{ protocol: "UDP", port: "dns" }]);

  it("need name and protocol", () => {
    expect(opensPort(dns, "UDP", 53, [{ name: "dns", protocol: "UDP", port: 53 }])).toBe(true);
    expect(opensPort(dns, "UDP", 53, [{ name: "dns", protocol: "TCP", port: 53 }])).toBe(false);
    expect(opensPort(dns, "UDP", 53, [])).toBe(false);
    expect(opensPort(dns, "UDP", 53, undefined)).toBeUndefined();
  });

  it("are unknown where a pod has the name for two ports", () => {
    const twice = [53, 5353].map((port) => ({ name: "dns", protocol: "UDP", port }));
    expect(opensPort(dns, "UDP", 53, twice)).toBeUndefined();
    expect(opensPort(dns, "UDP", 54, twice)).toBe(false);
  });

  it("may or may not be among numbers", () => {
    const number = ports([{ protocol: "UDP", port: 53 }]);
    expect(coversPorts(number, dns)).toBeUndefined();
    expect(coversPorts(dns, number)).toBeUndefined();
    expect(coversPorts(dns, ports([{ protocol: "UDP", port: 53, endPort: 54 }]))).toBe(false);
    expect(coversPorts(ports([{ protocol: "UDP" }]), dns)).toBe(true);
    expect(portsOverlap(number, dns)).toBeUndefined();
    expect(coversPorts(ports([{ protocol: "TCP", port: 53 }]), dns)).toBe(false);
  });
});

it("portSet takes single ports and intervals", () => {
  const set = portSet([
    { protocol: "TCP", port: 80 },
    { protocol: "TCP", port: [81, 90] },
  ]);
  expect(set.text).toBe("80-90/TCP");
  expect(size(set.TCP.intervals)).toBe(11);
});
