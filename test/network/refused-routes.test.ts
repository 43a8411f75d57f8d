import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { workBudget } from "#src/network/budget.ts";
import { connects, type PodEnd } from "#src/network/connection.ts";
import { Interner } from "#src/network/interner.ts";
import { labelSet } from "#src/network/labels.ts";
import { refusedBackends, type Bringer } from "#src/network/refused-routes.ts";
import type { RouteBackend } from "#src/network/routes.ts";
import { serviceFacts } from "#src/network/services.ts";
import type { NetworkPolicyIngressRule, NetworkPolicyPeer } from "#src/wire/network-policy.ts";
import { groupsOf, namespaceLabels, policy, shop, workload } from "./cluster.ts";

const nginx = { name: "nginx", labels: namespaceLabels("nginx") };
const controllers = ["a", "b"].map((tier) => ({
  namespace: nginx,
  labels: labelSet({ app: "nginx", tier }),
}));
const namedPorts = [{ name: "http", protocol: "TCP", port: 8080 }];
const groups = groupsOf(
  workload("web-1", { app: "web" }, { namedPorts }),
  workload("web-2", { app: "web", tier: "b" }, { namedPorts }),
  workload("host", { app: "web" }, { hostNetwork: true }),
  workload("done", { app: "web" }, { finished: true }),
);
const route: RouteBackend = {
  kind: "Ingress",
  name: "web",
  ingressClass: undefined,
  service: "web",
  port: 80,
};

const peer: fc.Arbitrary<NetworkPolicyPeer> = fc.constantFrom(
  { podSelector: {} },
  { namespaceSelector: {} },
  { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "nginx" } } },
  { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "other" } } },
  { namespaceSelector: {}, podSelector: { matchLabels: { tier: "b" } } },
  { namespaceSelector: {}, podSelector: { matchLabels: { app: "x" } } },
);
const rule: fc.Arbitrary<NetworkPolicyIngressRule> = fc.record(
  {
    from: fc.array(peer, { minLength: 1, maxLength: 2 }),
    ports: fc.array(
      fc.constantFrom(
        { port: 8080 },
        { port: 80 },
        { port: "http" },
        { port: 8080, protocol: "UDP" as const },
      ),
      { minLength: 1, maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);
const policies = fc.array(
  fc.record({
    podSelector: fc.constantFrom({}, { matchLabels: { app: "web" } }, { matchLabels: { tier: "b" } }),
    policyTypes: fc.constantFrom<string[]>(["Ingress"], ["Egress"], ["Ingress", "Egress"]),
    ingress: fc.array(rule, { maxLength: 2 }),
  }),
  { maxLength: 3 },
);

describe("pods behind a route that no controller reaches", () => {
  test.prop([policies, fc.constantFrom(8080, "http"), fc.integer({ min: 1, max: 2 })])(
    "are those to which no pod of any controller connects",
    (specs, targetPort, count) => {
      const set = shop(...specs.map((spec, i) => policy(`p${i}`, spec)));
      const service = serviceFacts(
        { metadata: { name: "web" }, spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort }] } },
        new Interner(),
      );
      const present = controllers.slice(0, count);
      const bringers = present.map(({ namespace, labels }) => {
        const targets: Bringer = [{ pod: { namespace, labels, hostNetwork: false }, addresses: [] }];
        return { targets };
      });
      const found = refusedBackends({
        set,
        dueCompanions: [],
        routes: [route],
        services: new Map([["web", service]]),
        groups,
        bringers: () => bringers,
        budget: workBudget(100_000),
      });
      const end = (group: (typeof groups)[number]): PodEnd => ({
        kind: "pod",
        namespace: { name: "shop", labels: namespaceLabels("shop") },
        policies: set,
        labels: group.labels,
        namedPorts: group.namedPorts,
        hostNetwork: false,
        addresses: [],
      });
      const expected = groups.filter(
        (group) =>
          !group.hostNetwork &&
          !group.finished &&
          present.every(({ namespace, labels }) => {
            const from = { ...end(group), namespace, labels, policies: shop() };
            return connects(from, end(group), { protocol: "TCP", port: 8080 }).ingress === false;
          }),
      );
      expect(found.map(({ group, port }) => [group.id, port])).toEqual(expected.map(({ id }) => [id, 8080]));
    },
  );
});
