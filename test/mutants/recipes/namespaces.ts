import { tcp, type World } from "../world.ts";

/** Prometheus reads the metrics of all pods. */
export function monitoring(w: World): void {
  w.namespace("monitoring");
  const prometheus = w.app("prometheus", { namespace: "monitoring", pods: 1 });
  w.app("api", { ports: [{ name: "metrics", port: 9090 }] });
  w.app("web", { ports: [{ name: "metrics", port: 9090 }] });
  w.denyAll({ egress: w.random.chance(0.6) });
  w.policy("metrics", {
    podSelector: {},
    policyTypes: ["Ingress"],
    ingress: [
      {
        from: [w.random.chance(0.5) ? w.of("monitoring") : w.of("monitoring", prometheus)],
        ports: [tcp(w.random.pick<number | string>([9090, "metrics"]))],
      },
    ],
  });
}

/** The ingress controller of another namespace reaches the web pods. */
export function ingressController(w: World): void {
  const namespace = w.random.pick(["ingress-nginx", "traefik", "projectcontour"]);
  w.namespace(namespace);
  const controller = w.app("controller", { namespace, pods: 1 });
  const web = w.app("web", { ports: [{ port: 8080 }] });
  w.service("web", web, [{ port: 80, targetPort: 8080 }]);
  w.denyAll({ egress: w.random.chance(0.5) });
  w.policy("web-from-ingress", {
    podSelector: w.selector(web),
    policyTypes: ["Ingress"],
    ingress: [
      {
        from: [w.random.chance(0.5) ? w.of(namespace) : w.of(namespace, controller)],
        ...(w.random.chance(0.6) ? { ports: [tcp(8080)] } : {}),
      },
    ],
  });
}

/** The internet through a proxy alone. */
export function egressProxy(w: World): void {
  w.namespace("egress-proxy");
  const squid = w.app("squid", { namespace: "egress-proxy", pods: 2, ports: [{ port: 3128 }] });
  w.app("web");
  w.denyAll();
  w.policy("to-proxy", {
    podSelector: {},
    policyTypes: ["Egress"],
    egress: [{ to: [w.of("egress-proxy", squid)], ports: [tcp(3128)] }],
  });
  w.denyAll({ namespace: "egress-proxy" });
  w.policy(
    "squid",
    {
      podSelector: w.selector(squid),
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [w.of("shop")], ports: [tcp(3128)] }],
      egress: [{ to: [{ ipBlock: { cidr: "198.51.100.0/24" } }], ports: [tcp(443)] }],
    },
    "egress-proxy",
  );
}

/** Customers with several namespaces each, told apart by a label that only operators set. */
export function tenants(w: World): void {
  const key = "example.com/customer";
  for (const [name, customer] of [
    ["red-web", "red"],
    ["red-data", "red"],
    ["blue-web", "blue"],
  ] as const) {
    w.namespace(name, { [key]: customer });
    w.app("app", { namespace: name, pods: 1 });
    const peer = { namespaceSelector: { matchLabels: { [key]: customer } } };
    w.denyAll({ namespace: name });
    w.policy(
      "own-customer",
      {
        podSelector: {},
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ from: [peer] }],
        egress: [{ to: [peer] }],
      },
      name,
    );
  }
}

/** From one namespace to another, each with its own side. */
export function acrossNamespaces(w: World): void {
  w.namespace("billing", { team: "money" });
  const api = w.app("api");
  const invoices = w.app("invoices", { namespace: "billing", ports: [{ name: "http", port: 8080 }] });
  w.denyAll();
  w.denyAll({ namespace: "billing" });
  w.policy("api-to-invoices", {
    podSelector: w.selector(api),
    policyTypes: ["Egress"],
    egress: [{ to: [w.of("billing", invoices)], ports: [tcp(8080)] }],
  });
  w.policy(
    "invoices-from-api",
    {
      podSelector: w.selector(invoices),
      policyTypes: ["Ingress"],
      ingress: [{ from: [w.of("shop", api)], ports: [tcp(8080)] }],
    },
    "billing",
  );
}

/** Traces and logs go to one namespace of several. */
export function logShipping(w: World): void {
  w.namespace("logging");
  w.namespace("tracing");
  const collector = w.app("collector", { namespace: "logging", pods: 1, ports: [{ port: 4317 }] });
  w.app("collector", { namespace: "tracing", pods: 1, ports: [{ port: 4317 }] });
  w.app("web");
  w.denyAll({ ingress: w.random.chance(0.5) });
  const namespaceSelector = {
    matchExpressions: [
      { key: "kubernetes.io/metadata.name", operator: "In", values: ["logging", "tracing"] },
    ],
  };
  w.policy("to-collectors", {
    podSelector: {},
    policyTypes: ["Egress"],
    egress: [{ to: [{ namespaceSelector, podSelector: w.selector(collector) }], ports: [tcp(4317)] }],
  });
}

/** Who serves whom said by expressions; DNS for all. */
export function expressions(w: World): void {
  w.app("web", { labels: { tier: "web" } });
  const api = w.app("api", { labels: { tier: "api" }, ports: [{ port: 8080 }] });
  w.app("job", { kind: "CronJob", pods: 0 });
  w.denyAll();
  w.policy("tiers", {
    podSelector: { matchExpressions: [{ key: "tier", operator: "Exists" }] },
    policyTypes: ["Egress"],
    egress: [{ to: [w.pods(api)], ports: [tcp(8080)] }],
  });
  w.policy("api", {
    podSelector: {
      matchLabels: { tier: "api" },
      matchExpressions: [{ key: w.key, operator: "NotIn", values: ["web"] }],
    },
    policyTypes: ["Ingress"],
    ingress: [
      {
        from: [
          { podSelector: { matchExpressions: [{ key: "tier", operator: "In", values: ["web", "api"] }] } },
        ],
        ports: [tcp(8080)],
      },
    ],
  });
}

/** DNS opened to the pods in two parts that together are all. */
export function dnsByParts(w: World): void {
  w.app("web", { labels: { tier: "web" }, pods: 1 });
  w.app("job", { pods: 1 });
  w.policy("deny-egress", { podSelector: {}, policyTypes: ["Egress"] });
  for (const [name, operator] of [
    ["dns-for-tiers", "Exists"],
    ["dns-for-others", "DoesNotExist"],
  ] as const) {
    w.policy(name, {
      podSelector: { matchExpressions: [{ key: "tier", operator }] },
      policyTypes: ["Egress"],
      egress: [w.dns()],
    });
  }
}
