import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePolicy, readPolicy, effectiveDirections } from "#src/network/dialects/kubernetes.ts";
import { Interner } from "#src/network/interner.ts";
import { networkPolicyOrder, peerText } from "#src/network/policy.ts";
import { describePorts } from "#src/network/ports.ts";
import { describeSelector, satisfiable } from "#src/network/selector.ts";
import type { NetworkPolicy, NetworkPolicySpec } from "#src/wire/network-policy.ts";
import { wireSelector } from "../arbitraries.ts";

const compile = (spec: NetworkPolicySpec, interner = new Interner()) =>
  compilePolicy({ metadata: { name: "p", namespace: "shop", uid: "u" }, spec }, interner);

/** Each entry as text. */
const texts = (entries: ReturnType<typeof compile>["ingress"]) =>
  entries.map(({ peers, ports }) => [
    peers === "any" ? "any" : peers.map(peerText).join("; "),
    describePorts(ports),
  ]);

describe("effective policyTypes", () => {
  it.each([
    [{}, true, false],
    [{ egress: [] }, true, false],
    [{ egress: [{}] }, true, true],
    [{ ingress: [{}] }, true, false],
    [{ policyTypes: [] }, true, false],
    [{ policyTypes: ["Egress"] }, false, true],
    [{ policyTypes: ["Ingress"], egress: [{}] }, true, false],
    [{ policyTypes: ["Ingress", "Egress"] }, true, true],
    [{ policyTypes: ["Ingress", "Ingress"] }, true, false],
    [{ policyTypes: ["Other"] }, false, false],
  ])("%j", (spec, ingress, egress) => {
    expect(effectiveDirections(spec)).toEqual({ ingress, egress });
  });
});

describe("compilePolicy", () => {
  it("reads peers and ports", () => {
    const compiled = compile({
      podSelector: { matchLabels: { app: "api" } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {},
        { from: [], ports: [] },
        {
          from: [
            { podSelector: {} },
            { podSelector: { matchLabels: { app: "web" } } },
            { namespaceSelector: {} },
            {
              namespaceSelector: { matchLabels: { team: "a" } },
              podSelector: { matchLabels: { app: "web" } },
            },
          ],
          ports: [{ port: 8080, protocol: "TCP" }],
        },
      ],
      egress: [{ to: [{ ipBlock: { cidr: "10.0.0.5/8", except: ["10.1.0.0/16"] } }] }],
    });
    expect(describeSelector(compiled.subject)).toBe("app=api");
    expect(texts(compiled.ingress)).toEqual([
      ["any", "any port"],
      ["any", "any port"],
      [
        "all pods in its own namespace; pods app=web in its own namespace; all pods in all namespaces; " +
          "pods app=web in namespaces team=a",
        "8080/TCP",
      ],
    ]);
    expect(texts(compiled.egress)).toEqual([["10.0.0.0/8 except 10.1.0.0/16", "any port"]]);
    expect(compiled.ingress.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(new Set([...compiled.ingress, ...compiled.egress].map(({ action }) => action))).toEqual(
      new Set(["allow"]),
    );
    expect(compiled).toMatchObject({
      namespace: "shop",
      name: "p",
      order: networkPolicyOrder,
      terminating: false,
      readable: true,
    });
  });

  it("leaves out entries of a direction that is not in force", () => {
    const compiled = compile({ policyTypes: ["Ingress"], ingress: [], egress: [{}] });
    expect(compiled.egress).toEqual([]);
    expect(compile({ policyTypes: ["Egress"], ingress: [{}] }).ingress).toEqual([]);
  });

  it("selects all pods where podSelector is absent", () => {
    expect(describeSelector(compile({}).subject)).toBe("all pods");
  });

  it.each([
    [{ name: "ringfence-default-deny", labels: { "app.kubernetes.io/managed-by": "ringfence" } }, true],
    [{ name: "ringfence-default-deny" }, false],
    [{ name: "web", labels: { "app.kubernetes.io/managed-by": "ringfence" } }, false],
    [{ name: "ringfence-x", labels: { "app.kubernetes.io/managed-by": "helm" } }, false],
  ])("knows companions: %j", (metadata, companion) => {
    expect(compilePolicy({ metadata }, new Interner()).companion).toBe(companion);
  });

  it("sees a deletion", () => {
    const metadata = { deletionTimestamp: "2026-01-01T00:00:00Z" };
    expect(compilePolicy({ metadata }, new Interner())).toMatchObject({
      terminating: true,
      name: "",
      namespace: "",
    });
  });

  it.each([
    ["an operator", { from: [{ podSelector: { matchExpressions: [{ key: "a", operator: "Is" }] } }] }],
    [
      "a namespace operator",
      { from: [{ namespaceSelector: { matchExpressions: [{ key: "a", operator: "Is" }] } }] },
    ],
    ["a peer without fields", { from: [{}] }],
    ["a peer that is null", JSON.parse('{"from": [null]}') as object],
    ["a range and a selector", { from: [{ podSelector: {}, ipBlock: { cidr: "10.0.0.0/8" } }] }],
    ["a range", { from: [{ ipBlock: { cidr: "ten" } }] }],
    ["an exception", { from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["ten"] } }] }],
  ])("opens nothing by %s that cannot be read", (_, rule) => {
    const { ingress, readable } = compile({ ingress: [rule] });
    expect(readable).toBe(false);
    expect(ingress).toMatchObject([{ peers: [] }]);
  });

  it("selects nothing by a selector that cannot be read, and opens no port that cannot be", () => {
    const compiled = compile({ podSelector: { matchExpressions: [{ key: "a", operator: "Is" }] } });
    expect(satisfiable(compiled.subject)).toBe(false);
    expect(compiled.readable).toBe(false);
    const ports = compile({ ingress: [{ ports: [{ port: 0 }] }] });
    expect(ports).toMatchObject({ readable: false, ingress: [{ ports: { text: "" } }] });
  });

  it("reads null as absent, as Go does", () => {
    const policy =
      JSON.parse(`{"metadata": {"labels": null}, "spec": {"podSelector": null, "policyTypes": null,
      "ingress": [{"from": null, "ports": null}, {"from": [{"podSelector": {}, "namespaceSelector": null, "ipBlock": null}]}]}}`) as NetworkPolicy;
    const compiled = compilePolicy(policy, new Interner());
    expect(texts(compiled.ingress)).toEqual([
      ["any", "any port"],
      ["all pods in its own namespace", "any port"],
    ]);
    expect(compiled.readable).toBe(true);
  });

  it("shares what is equal", () => {
    const interner = new Interner();
    const spec = {
      podSelector: { matchLabels: { app: "api" } },
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: "a" } } }], ports: [{ port: 80 }] }],
    };
    const [a, b] = [compile(spec, interner), compile(structuredClone(spec), interner)];
    expect(a.subject).toBe(b.subject);
    expect(a.ingress[0]?.peers).toBe(b.ingress[0]?.peers);
    expect(a.ingress[0]?.ports).toBe(b.ingress[0]?.ports);
  });

  const peer = fc.oneof(
    fc.record({ podSelector: wireSelector }),
    fc.record({ namespaceSelector: wireSelector }),
    fc.record({ podSelector: wireSelector, namespaceSelector: wireSelector }),
    fc
      .constantFrom("10.0.0.0/8", "10.0.0.0/9")
      .map((cidr) => ({ ipBlock: { cidr, except: ["10.0.1.0/24"] } })),
  );
  const from = fc.array(peer, { minLength: 1, maxLength: 3 });

  test.prop([from, from, fc.subarray(["Ingress", "Egress"])])(
    "on demand gives what is compiled at once",
    (a, b, policyTypes) => {
      const policy = {
        metadata: { name: "p", namespace: "shop", uid: "u" },
        spec: {
          podSelector: { matchLabels: { app: "api" } },
          policyTypes,
          ingress: [{ from: a }],
          egress: [{ to: b }],
        },
      };
      const read = readPolicy(policy);
      const { namespace, name, subject, isolates, order, terminating, companion } = read;
      const { ingress, egress, readable } = read;
      expect({
        ...{ namespace, name, subject, isolates, order, terminating, companion },
        ...{ ingress, egress, readable },
      }).toEqual(compilePolicy(policy, new Interner()));
    },
  );

  test.prop([from, from])("never shares what differs", (a, b) => {
    const interner = new Interner();
    const alone = compile({ ingress: [{ from: b }] });
    compile({ ingress: [{ from: a }] }, interner);
    expect(compile({ ingress: [{ from: b }] }, interner)).toEqual(alone);
  });
});
