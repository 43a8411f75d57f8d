import { describe, expect, it } from "vitest";
import { parseAddress } from "#src/network/address.ts";
import { connects } from "#src/network/connection.ts";
import type { End, PodEnd } from "#src/network/connection.ts";
import { labelSet } from "#src/network/labels.ts";
import type { CompiledPolicy } from "#src/network/policy.ts";
import { policySet } from "#src/network/policy-set.ts";
import type { NetworkPolicySpec } from "#src/wire/network-policy.ts";
import { namespaceLabels, policy } from "./cluster.ts";

const addresses = (...texts: readonly string[]) =>
  texts.map((text) => parseAddress(text)).filter((address) => address !== undefined);

function pod(app: string, facts: Partial<PodEnd> = {}, policies: readonly CompiledPolicy[] = []): PodEnd {
  return {
    kind: "pod",
    namespace: { name: "shop", labels: namespaceLabels("shop") },
    policies: policySet("shop", policies),
    labels: labelSet({ app }),
    namedPorts: [{ name: "pg", protocol: "TCP", port: 5432 }],
    hostNetwork: false,
    addresses: addresses("10.244.0.1"),
    ...facts,
  };
}

const spec = (type: "Ingress" | "Egress", rule: object | undefined): NetworkPolicySpec => ({
  podSelector: {},
  policyTypes: [type],
  ...(rule && (type === "Ingress" ? { ingress: [rule] } : { egress: [rule] })),
});
const ingress = (rule?: object) => [policy("in", spec("Ingress", rule))];
const egress = (rule?: object) => [policy("out", spec("Egress", rule))];
const pg = { protocol: "TCP", port: 5432 } as const;
const ask = (from: End, to: End) => connects(from, to, pg);

describe("both sides must allow", () => {
  const [web, db] = [pod("web"), pod("db")];

  it("and it is told which does not", () => {
    expect(ask(web, db)).toEqual({ allowed: true, egress: true, ingress: true });
    expect(ask(pod("web", {}, egress()), db)).toEqual({ allowed: false, egress: false, ingress: true });
    expect(ask(web, pod("db", {}, ingress()))).toEqual({ allowed: false, egress: true, ingress: false });
  });

  it("policies that are not known leave their side unknown", () => {
    expect(ask(web, pod("db", { policies: undefined }))).toEqual({
      allowed: undefined,
      egress: true,
      ingress: undefined,
    });
    expect(ask(pod("web", {}, egress()), pod("db", { policies: undefined })).allowed).toBe(false);
  });

  it("an address outside has no policies of its own", () => {
    const [address] = addresses("203.0.113.1");
    if (address === undefined) throw new Error("no address");
    const outside: End = { kind: "outside", address };
    const range = { from: [{ ipBlock: { cidr: "203.0.113.0/24" } }] };
    expect(ask(outside, pod("db", {}, ingress(range))).allowed).toBe(true);
    expect(ask(outside, pod("db", {}, ingress({ from: [{ podSelector: {} }] }))).allowed).toBe(false);
    expect(ask(pod("web", {}, egress()), outside).allowed).toBe(false);
    expect(ask(web, outside).allowed).toBe(true);
  });
});

describe("a range against a pod", () => {
  const rule = { from: [{ ipBlock: { cidr: "10.244.0.0/16" } }] };
  const db = pod("db", {}, ingress(rule));

  it("without an address is unknown", () => {
    expect(ask(pod("web", { addresses: [] }), db)).toMatchObject({ allowed: undefined, egress: true });
    expect(ask(pod("web", { addresses: [] }), pod("db", { addresses: [] })).allowed).toBe(true);
  });

  it("of two families needs one over which both sides allow", () => {
    const both = addresses("10.244.0.1", "2001:db8::1");
    const web = pod("web", { addresses: both }, egress({ to: [{ ipBlock: { cidr: "2001:db8::/32" } }] }));
    const dualDb = pod("db", { addresses: both }, ingress(rule));
    // Egress over IPv6 alone, ingress over IPv4 alone.
    expect(ask(web, dualDb)).toEqual({ allowed: false, egress: true, ingress: true });
    expect(ask(pod("web", { addresses: both }), dualDb).allowed).toBe(true);
    expect(ask(pod("web", { addresses: addresses("2001:db8::1") }), pod("db")).allowed).toBe(false);
  });
});

describe("named ports", () => {
  const named = { ports: [{ port: "pg" }] };

  it("are those of the pod that is connected to", () => {
    const db = pod("db", {}, ingress(named));
    expect(ask(pod("web", { namedPorts: [] }), db).allowed).toBe(true);
    expect(ask(pod("web"), pod("db", { namedPorts: [] }, ingress(named))).allowed).toBe(false);
    expect(ask(pod("web", {}, egress(named)), pod("db", { namedPorts: [] })).allowed).toBe(false);
  });

  it("count for sources in a range, and are unknown for destinations in a range", () => {
    const block = { ipBlock: { cidr: "10.244.0.0/16" } };
    expect(ask(pod("web"), pod("db", {}, ingress({ from: [block], ...named }))).allowed).toBe(true);
    expect(ask(pod("web", {}, egress({ to: [block], ...named })), pod("db")).allowed).toBeUndefined();
  });
});

describe("pods of the node's network", () => {
  const node = (name?: string) =>
    pod("node", {
      hostNetwork: true,
      addresses: addresses("192.0.2.1"),
      ...(name === undefined ? {} : { node: name }),
    });

  it("are never isolated and matched by ranges alone", () => {
    expect(ask(pod("web"), { ...node("a"), policies: policySet("shop", ingress()) }).allowed).toBe(true);
    expect(ask({ ...node("a"), policies: policySet("shop", egress()) }, pod("db")).allowed).toBe(true);
    const all = [{ podSelector: {} }];
    expect(ask(pod("web", {}, egress({ to: all })), node("a")).allowed).toBe(false);
    const range = [{ ipBlock: { cidr: "192.0.2.1/32" } }];
    expect(ask(pod("web", {}, egress({ to: range })), node("a")).allowed).toBe(true);
  });

  it("reach pods of their own node whatever these allow; unknown where the node is not known", () => {
    const on = (name?: string) => pod("db", name === undefined ? {} : { node: name }, ingress());
    expect(ask(node("a"), on("a")).allowed).toBe(true);
    expect(ask(node("a"), on("b")).allowed).toBe(false);
    expect(ask(node("a"), on()).allowed).toBeUndefined();
    expect(ask(node(), on("a")).allowed).toBeUndefined();
  });
});

it("a pod reaches itself", () => {
  const closed = pod("db", {}, [...ingress(), ...egress()]);
  expect(ask(closed, closed).allowed).toBe(true);
  expect(ask(closed, { ...closed }).allowed).toBe(false);
});
