import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../src/config/load.ts";
import { defaultSettings } from "../../src/config/settings.ts";
import type { Settings } from "../../src/model/settings.ts";
import { someRules } from "./rules.ts";

function parse(body: string): Settings {
  const head = "apiVersion: config.ringfence.dev/v1alpha1\nkind: RingfenceConfiguration\n";
  return parseConfiguration(Buffer.from(head + body), "c.yaml", someRules);
}

describe("what a good file says", () => {
  it("gives the defaults where it says nothing", () => {
    expect(parse("")).toEqual(defaultSettings(someRules));
    const settings = defaultSettings(someRules);
    expect(settings.enforcement).toBe("on");
    expect(settings.defaults.enforce).toEqual({ profile: "privileged", version: "latest" });
    expect(settings.operators).toBeUndefined();
    expect(settings.waivable.size).toBe(0);
    expect(settings.curableHold).toBe(500);
    expect(settings.curableHoldLimit).toBe(100);
    expect([...settings.publicNamespaces]).toEqual(["kube-system"]);
    expect(settings.systemNamespaces.names.has("kube-node-lease")).toBe(true);
    expect(settings.dns).toBeUndefined();
    expect(settings.apiServer).toBeUndefined();
    expect(settings.ingressControllers).toEqual([]);
    expect(settings.rules.get("or-ed-selectors")).toEqual({ deny: "always" });
    expect(settings.rules.get("missing-dns-egress")).toEqual({});
  });

  it("gives everything that it says", () => {
    const settings = parse(`
enforcement: warn
defaults: { enforce: baseline, enforceVersion: v1, warn: restricted }
floor: { enforce: baseline }
operators: { groups: [platform], users: [ada] }
exemptions: { users: ["system:serviceaccount:argocd:argocd"], groups: [g], namespaces: [legacy] }
exceptions:
  - { rule: or-ed-selectors, namespace: shop, policies: "chart-*", reason: vendor chart, until: 2026-12-31 }
waivable: [wide-port-range]
protectedNamespaceLabels: [example.com/customer]
publicNamespaces: []
systemNamespaces: { names: [kube-system], action: deny }
curableHold: 0.2s
curableHoldLimit: 0
limits: { peers: 10 }
dns:
  resolvers:
    - namespace: openshift-dns
      pods: { dns.operator.openshift.io/daemonset-dns: default }
      ports: [5353]
      clusterIPs: [172.30.0.10]
    - { addresses: [169.254.20.10], ports: [53/UDP] }
    - { addresses: ["fd00::10"] }
apiServer: { addresses: [10.0.0.1] }
ingressControllers:
  - { namespace: ingress-nginx, pods: { app: nginx }, ingressClasses: [nginx] }
  - { namespace: gateway, routes: [HTTPRoute] }
rules:
  or-ed-selectors: { deny: withEvidence }
`);
    expect(settings.apiServer).toEqual({ addresses: ["10.0.0.1"], ports: [6443] });
    expect(settings.ingressControllers).toEqual([
      {
        namespace: "ingress-nginx",
        pods: { app: "nginx" },
        routes: new Set(["Ingress", "HTTPRoute"]),
        ingressClasses: new Set(["nginx"]),
      },
      { namespace: "gateway", pods: {}, routes: new Set(["HTTPRoute"]), ingressClasses: new Set() },
    ]);
    expect(settings.enforcement).toBe("warn");
    expect(settings.defaults.enforce).toEqual({ profile: "baseline", version: "v1" });
    expect(settings.defaults.warn).toEqual({ profile: "restricted", version: "latest" });
    expect(settings.floor).toEqual({ enforce: "baseline", warn: "privileged", audit: "privileged" });
    expect(settings.operators).toEqual({ users: new Set(["ada"]), groups: new Set(["platform"]) });
    expect(settings.exemptions.users.has("system:serviceaccount:argocd:argocd")).toBe(true);
    expect(settings.exemptions.namespaces).toEqual(new Set(["legacy"]));
    expect(settings.exceptions).toEqual([
      {
        rule: "or-ed-selectors",
        namespace: "shop",
        policies: "chart-*",
        reason: "vendor chart",
        until: "2026-12-31",
      },
    ]);
    expect(settings.waivable).toEqual(new Set(["wide-port-range"]));
    expect(settings.protectedNamespaceLabels).toEqual(new Set(["example.com/customer"]));
    expect(settings.publicNamespaces.size).toBe(0);
    expect(settings.systemNamespaces).toEqual({ names: new Set(["kube-system"]), action: "deny" });
    expect(settings.curableHold).toBe(200);
    expect(settings.curableHoldLimit).toBe(0);
    expect(settings.limits).toMatchObject({ peers: 10, rules: 1000 });
    expect(settings.rules.get("or-ed-selectors")).toEqual({ deny: "withEvidence" });
    const both = (port: number) => [
      { port, protocol: "UDP" },
      { port, protocol: "TCP" },
    ];
    expect(settings.dns?.resolvers).toEqual([
      {
        kind: "pods",
        namespace: "openshift-dns",
        pods: { "dns.operator.openshift.io/daemonset-dns": "default" },
        ports: both(5353),
        clusterIPs: ["172.30.0.10"],
        nodeLocalAddresses: [],
      },
      { kind: "addresses", addresses: ["169.254.20.10"], ports: [{ port: 53, protocol: "UDP" }] },
      { kind: "addresses", addresses: ["fd00::10"], ports: both(53) },
    ]);
  });

  it.each([
    ["on", "on"],
    ["off", "off"],
    ["warn", "warn"],
    // What Helm and other YAML 1.1 writers make of on and off.
    ["true", "on"],
    ["false", "off"],
    ['"on"', "on"],
  ])("reads enforcement: %s as %s", (written, meant) => {
    expect(parse(`enforcement: ${written}\n`).enforcement).toBe(meant);
  });

  it.each([
    ["500ms", 500],
    ["0s", 0],
    ["0", 0],
    ["0.25s", 250],
    ["100ms50ms", 150],
  ])("reads curableHold: %s as %d ms", (written, meant) => {
    expect(parse(`curableHold: "${written}"\n`).curableHold).toBe(meant);
  });
});
