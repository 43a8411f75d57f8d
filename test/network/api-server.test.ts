import { describe, expect, it } from "vitest";
import { apiServerOf, endpointTexts, opensEndpoint } from "#src/network/api-server.ts";
import { parseAddress } from "#src/network/address.ts";
import type { EndpointSlice } from "#src/wire/endpoint-slice.ts";
import type { NetworkPolicyEgressRule } from "#src/wire/network-policy.ts";
import { egress } from "./cluster.ts";

const service = {
  metadata: { name: "kubernetes", namespace: "default" },
  spec: { clusterIP: "10.96.0.1", ports: [{ port: 443, targetPort: 6443 }] },
};
const slice = (change: Partial<EndpointSlice> = {}): EndpointSlice => ({
  metadata: { name: "kubernetes" },
  endpoints: [{ addresses: ["192.168.7.10"] }, { addresses: ["fd00::7"] }],
  ports: [{ port: 6443, protocol: "TCP" }],
  ...change,
});
const texts = (found: ReturnType<typeof apiServerOf>) =>
  found && [endpointTexts(found.endpoints), endpointTexts(found.service)];

describe("where pods reach the API server", () => {
  it("is behind its Service, and at the Service", () => {
    expect(texts(apiServerOf(service, [slice()]))).toEqual([
      { ranges: ["192.168.7.10/32", "fd00::7/128"], ports: [6443] },
      { ranges: ["10.96.0.1/32"], ports: [443] },
    ]);
  });

  it("is at every address of the Service, of both families", () => {
    const dual = { ...service, spec: { ...service.spec, clusterIPs: ["10.96.0.1", "fd00:96::1"] } };
    expect(texts(apiServerOf(dual, [slice()]))?.[1]?.ranges).toEqual(["10.96.0.1/32", "fd00:96::1/128"]);
  });

  it("is not known without an endpoint that is ready", () => {
    const notReady = [{ addresses: ["192.168.7.10"], conditions: { ready: false } }];
    expect(apiServerOf(service, [])).toBeUndefined();
    expect(apiServerOf(service, [slice({ endpoints: null })])).toBeUndefined();
    expect(apiServerOf(service, [slice({ ports: null })])).toBeUndefined();
    expect(apiServerOf(service, [slice({ endpoints: notReady })])).toBeUndefined();
    expect(apiServerOf(service, [slice({ ports: [{ port: 6443, protocol: "UDP" }, {}] })])).toBeUndefined();
    expect(apiServerOf(undefined, [slice()])?.service).toEqual([]);
  });
});

describe("an egress entry", () => {
  const address = parseAddress("192.168.7.10");
  const endpoints = address === undefined ? [] : [{ address, port: 6443 }];
  const opens = (rule: NetworkPolicyEgressRule): boolean =>
    egress("p", undefined, rule).egress.some((entry) => opensEndpoint(entry, endpoints));

  it.each<[boolean, NetworkPolicyEgressRule]>([
    [true, {}],
    [true, { ports: [{ port: 6443 }] }],
    [true, { to: [{ ipBlock: { cidr: "192.168.0.0/16" } }] }],
    [true, { to: [{ ipBlock: { cidr: "192.168.7.10/32" } }], ports: [{ port: 6000, endPort: 7000 }] }],
    [false, { to: [{ ipBlock: { cidr: "192.168.0.0/16", except: ["192.168.7.0/24"] } }] }],
    [false, { to: [{ ipBlock: { cidr: "192.168.7.10/32" } }], ports: [{ port: 443 }] }],
    [false, { to: [{ ipBlock: { cidr: "192.168.7.10/32" } }], ports: [{ port: 6443, protocol: "UDP" }] }],
    [false, { ports: [{ port: "https" }] }],
    [false, { to: [{ namespaceSelector: {} }] }],
  ])("opens it: %s, by %j", (expected, rule) => {
    expect(opens(rule)).toBe(expected);
  });
});
