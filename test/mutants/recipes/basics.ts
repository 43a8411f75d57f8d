import { tcp, type World } from "../world.ts";

/** Nobody reaches anybody, names resolve. */
export function defaultDenyWithDns(w: World): void {
  w.app("web");
  if (w.random.chance(0.5)) w.app("worker");
  w.denyAll();
}

/** Only who comes in is restricted: no word of DNS is needed. */
export function ingressOnly(w: World): void {
  const web = w.app("web");
  const api = w.app("api", { ports: [{ name: "http", port: 8080 }] });
  w.denyAll({ egress: false });
  w.policy("api", {
    podSelector: w.selector(api),
    policyTypes: ["Ingress"],
    ingress: [{ from: [w.pods(web)], ports: [tcp(8080)] }],
  });
}

/** Each app has one policy with all that it needs, DNS among it. */
export function dnsInEveryPolicy(w: World): void {
  const api = w.app("api", { ports: [{ port: 8080 }] });
  const web = w.app("web", { ports: [{ port: 80 }] });
  w.policy("web", {
    podSelector: w.selector(web),
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ ports: [tcp(80)] }],
    egress: [w.dns(), { to: [w.pods(api)], ports: [tcp(8080)] }],
  });
  w.policy("api", {
    podSelector: w.selector(api),
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: [w.pods(web)], ports: [tcp(8080)] }],
    egress: [w.dns()],
  });
}

/** Pods of the namespace reach each other, nobody else reaches them, and they reach nobody else. */
export function namespaceIsolation(w: World): void {
  w.app("web");
  w.app("api");
  w.namespace("billing");
  w.app("invoices", { namespace: "billing" });
  w.denyAll();
  w.policy("same-namespace", {
    podSelector: {},
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: [{ podSelector: {} }] }],
    egress: [{ to: [{ podSelector: {} }] }],
  });
}

/** One app may go anywhere, beside a default deny. */
export function openEgress(w: World): void {
  const crawler = w.app("crawler");
  w.app("web");
  w.denyAll();
  w.policy("crawler-anywhere", {
    podSelector: w.selector(crawler),
    policyTypes: ["Egress"],
    egress: [{}],
  });
}

/** Pods that resolve names by themselves need no DNS of the cluster. */
export function ownResolvers(w: World): void {
  const resolver = w.app("unbound", {
    dnsPolicy: w.random.pick(["None", "Default"]),
    pods: 2,
    labels: { resolves: "itself" },
  });
  w.app("agent", { hostNetwork: true, kind: "DaemonSet", pods: 1, labels: { resolves: "itself" } });
  w.policy("unbound", {
    podSelector: w.random.chance(0.5) ? w.selector(resolver) : { matchLabels: { resolves: "itself" } },
    policyTypes: ["Egress"],
    egress: [{ to: [{ ipBlock: { cidr: "198.51.100.0/24" } }], ports: [tcp(853)] }],
  });
}

/** OR, said plainly: a rule for each; and `podSelector: {}` beside a namespace. */
export function plainOr(w: World): void {
  const web = w.app("web");
  const api = w.app("api", { ports: [{ port: 8080 }] });
  w.namespace("monitoring");
  w.app("prometheus", { namespace: "monitoring" });
  w.denyAll({ egress: w.random.chance(0.5) });
  w.policy("api", {
    podSelector: w.selector(api),
    policyTypes: ["Ingress"],
    ingress: [
      { from: [w.pods(web)], ports: [tcp(8080)] },
      { from: [w.of("monitoring")], ports: [tcp(8080)] },
    ],
  });
  w.policy("home-and-monitoring", {
    podSelector: w.selector(web),
    policyTypes: ["Ingress"],
    ingress: [{ from: [{ podSelector: {} }, w.of("monitoring")] }],
  });
}
