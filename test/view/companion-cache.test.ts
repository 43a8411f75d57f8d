import { beforeEach, describe, expect, test } from "vitest";
import type { NamespaceFacts } from "#src/model/cluster-view.ts";
import { configuredDnsProfile, type DnsProfile } from "#src/network/dns-profile.ts";
import { compilePolicy } from "#src/network/dialects/kubernetes.ts";
import { labelSet } from "#src/network/labels.ts";
import { policySet, type PolicySet } from "#src/network/policy-set.ts";
import { CompanionCache, type CompanionSources } from "#src/view/companion-cache.ts";
import { configuredApiServer } from "#src/view/configured-api-server.ts";
import { settingsWith } from "../support/settings.ts";

const settings = settingsWith({});
const dnsOf = (app: string): DnsProfile =>
  configuredDnsProfile([
    {
      name: app,
      namespace: "kube-system",
      namespaceLabels: labelSet({ "kubernetes.io/metadata.name": "kube-system" }),
      podLabels: labelSet({ "k8s-app": app }),
    },
  ]);
const sources: CompanionSources = { settings, dns: dnsOf("kube-dns"), apiServer: undefined };
const facts = (intent: string, more: Partial<NamespaceFacts> = {}): NamespaceFacts => ({
  name: "shop",
  uid: "1",
  labels: labelSet({ "kubernetes.io/metadata.name": "shop", "ringfence.dev/enforce": "baseline" }),
  annotations: labelSet({ "ringfence.dev/network-policies": intent }),
  terminating: false,
  ...more,
});
const noneAsked = (): PolicySet => {
  throw new Error("policies were asked for");
};

let cache: CompanionCache;
beforeEach(() => {
  cache = new CompanionCache();
});

describe("what is due in a namespace is found once", () => {
  const due = (given: Partial<CompanionSources> = {}, of = facts("denyAll: true")) =>
    cache.stored(of, { ...sources, ...given }, noneAsked);

  test("for facts that say the same, also where they and the DNS are read anew", () => {
    const first = due();
    expect(due()).toBe(first);
    expect(due({ dns: dnsOf("kube-dns") }, facts("denyAll: true"))).toBe(first);
  });

  test("and again where anything changes on which it depends", () => {
    const first = due();
    for (const other of [
      due({}, facts("denyAll: { ingress: true }")),
      due({}, facts("denyAll: true", { uid: "2" })),
      due({}, facts("denyAll: true", { terminating: true })),
      due({}, facts("denyAll: true", { labels: labelSet({}) })),
      due({ dns: dnsOf("coredns") }),
      due({ dns: configuredDnsProfile([]) }),
      due({ apiServer: apiServerAt("192.0.2.10") }),
      due({ settings: settingsWith({ companions: { dns: "never" } }) }),
    ]) {
      expect(other).not.toBe(first);
    }
    const dnsIn = (profile: DnsProfile): string => JSON.stringify(due({ dns: profile }).pieces);
    expect(dnsIn(dnsOf("coredns"))).toContain("coredns");
    expect(dnsIn(dnsOf("kube-dns"))).not.toContain("coredns");
    expect(due({ apiServer: apiServerAt("192.0.2.10") }, facts("allowKubeAPI: true")).unmet).toEqual([]);
    expect(due({}, facts("allowKubeAPI: true")).unmet).toHaveLength(1);
  });

  test("until the namespace is gone", () => {
    const first = due();
    cache.forget("shop");
    expect(due()).not.toBe(first);
    expect(due()).toEqual(first);
  });
});

test("with DNS on demand it depends on the policies as well", () => {
  const onDemand = { ...sources, settings: settingsWith({ companions: { dns: "onDemand" } }) };
  const isolating = compilePolicy({
    metadata: { namespace: "shop", name: "closed" },
    spec: { podSelector: {}, policyTypes: ["Egress"] },
  });
  const [none, one] = [policySet("shop", []), policySet("shop", [isolating])];
  const purposes = (set: PolicySet): string[] =>
    cache.stored(facts("{}"), onDemand, () => set).pieces.map(({ purpose }) => purpose);
  expect([purposes(none), purposes(one), purposes(none)]).toEqual([[], ["allow-dns"], []]);
});

test("of a namespace that is only thought of nothing is kept", () => {
  const stored = cache.stored(facts("denyAll: true"), sources, noneAsked);
  const thought = cache.of(facts("denyAll: { ingress: true }"), sources, noneAsked);
  expect(thought.pieces).not.toEqual(stored.pieces);
  expect(cache.stored(facts("denyAll: true"), sources, noneAsked)).toBe(stored);
});

test.each([[""], ["denyall: true"], ["x".repeat(300_000)]])(
  "an intent that cannot be read is told as such",
  (text) => {
    for (let times = 0; times < 2; times += 1) {
      const { intent, pieces } = cache.of(facts(text), sources, noneAsked);
      expect([intent.source, pieces]).toEqual(["unreadable", []]);
    }
  },
);

function apiServerAt(address: string): CompanionSources["apiServer"] {
  return configuredApiServer({ addresses: [address], ports: [6443] });
}
