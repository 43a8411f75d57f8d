import { tcp, type World } from "../world.ts";

/** Ingress controller, frontend, backend, database; each edge allowed on both sides. */
export function threeTiers(w: World): void {
  const controller = w.app("controller", { namespace: "ingress-nginx", pods: 1 });
  w.namespace("ingress-nginx");
  const frontend = w.app("frontend", { ports: [{ name: "http", port: 80 }] });
  const backend = w.app("backend", { ports: [{ name: "http", port: 8080 }] });
  const db = w.app("postgres", { kind: "StatefulSet", ports: [{ name: "pg", port: 5432 }] });
  w.service("backend", backend, [{ port: 80, targetPort: 8080 }]);
  w.denyAll();
  w.policy("frontend-from-ingress", {
    podSelector: w.selector(frontend),
    policyTypes: ["Ingress"],
    ingress: [{ from: [w.of("ingress-nginx", controller)], ports: [tcp(80)] }],
  });
  edge(w, "frontend-backend", frontend, backend, w.random.pick<number | string>([8080, "http"]));
  edge(w, "backend-db", backend, db, 5432);
}

/** Both sides of one connection within the namespace. */
function edge(
  w: World,
  name: string,
  from: Record<string, string>,
  to: Record<string, string>,
  port: number | string,
): void {
  w.policy(`${name}-out`, {
    podSelector: w.selector(from),
    policyTypes: ["Egress"],
    egress: [{ to: [w.pods(to)], ports: [tcp(port)] }],
  });
  w.policy(`${name}-in`, {
    podSelector: w.selector(to),
    policyTypes: ["Ingress"],
    ingress: [{ from: [w.pods(from)], ports: [tcp(port)] }],
  });
}

/** Members of a database speak with each other, clients with it, a nightly job copies it away. */
export function statefulDatabase(w: World): void {
  const db = w.app("postgres", {
    kind: "StatefulSet",
    pods: 3,
    ports: [{ port: 5432 }, { name: "peer", port: 8008 }],
  });
  w.service("postgres", db, [{ port: 5432, targetPort: 5432 }], { headless: true });
  const api = w.app("api");
  const backup = w.app("backup", { kind: "CronJob", pods: 0 });
  w.denyAll();
  w.policy("postgres", {
    podSelector: w.selector(db),
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      { from: [w.pods(db)], ports: [tcp(5432), tcp(8008)] },
      { from: [w.pods(api), w.pods(backup)], ports: [tcp(5432)] },
    ],
    egress: [{ to: [w.pods(db)], ports: [tcp(5432), tcp(8008)] }],
  });
  w.policy("clients", {
    podSelector: { matchExpressions: [{ key: w.key, operator: "In", values: ["api", "backup"] }] },
    policyTypes: ["Egress"],
    egress: [{ to: [w.pods(db)], ports: [tcp(5432)] }],
  });
  w.policy("backup-store", {
    podSelector: w.selector(backup),
    policyTypes: ["Egress"],
    egress: [{ to: [{ ipBlock: { cidr: "198.51.100.16/28" } }], ports: [tcp(443)] }],
  });
}

/** Jobs that run now and then: templates, and no pod at this moment. */
export function cronJobs(w: World): void {
  const job = w.app("report", { kind: "CronJob", pods: 0 });
  const api = w.app("api", { ports: [{ port: 8080 }] });
  if (w.random.chance(0.5)) w.denyAll();
  w.policy("report", {
    podSelector: w.selector(job),
    policyTypes: ["Ingress", "Egress"],
    egress: [w.dns(), { to: [w.pods(api)], ports: [tcp(8080)] }],
  });
  w.policy("api-from-report", {
    podSelector: w.selector(api),
    policyTypes: ["Ingress"],
    ingress: [{ from: [w.pods(job)], ports: [tcp(8080)] }],
  });
}

/** Called by the API server, which is no pod: anyone may come, to one port. */
export function webhookServer(w: World): void {
  const hook = w.app("webhook", { ports: [{ name: "https", port: 9443 }] });
  w.app("controller");
  w.denyAll();
  w.policy("webhook", {
    podSelector: w.selector(hook),
    policyTypes: ["Ingress"],
    ingress: [{ ports: [tcp(w.random.pick<number | string>([9443, "https"]))] }],
  });
  w.policy("api-server", {
    podSelector: {},
    policyTypes: ["Egress"],
    egress: [{ to: [{ ipBlock: { cidr: "192.0.2.1/32" } }], ports: [tcp(6443)] }],
  });
}

/** Members of a broker on several ports, clients on one. */
export function broker(w: World): void {
  const kafka = w.app("kafka", { kind: "StatefulSet", pods: 3, ports: [{ port: 9092 }, { port: 9093 }] });
  const producer = w.app("producer", { labels: { "kafka-client": "true" } });
  w.app("consumer", { labels: { "kafka-client": "true" } });
  w.denyAll();
  const client = { matchLabels: { "kafka-client": "true" } };
  w.policy("kafka", {
    podSelector: w.selector(kafka),
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      { from: [w.pods(kafka)], ports: [tcp(9092), tcp(9093)] },
      { from: [{ podSelector: client }], ports: [tcp(9092)] },
    ],
    egress: [{ to: [w.pods(kafka)], ports: [tcp(9092), tcp(9093)] }],
  });
  w.policy("clients", {
    podSelector: w.random.chance(0.5) ? client : w.selector(producer),
    policyTypes: ["Egress"],
    egress: [{ to: [w.pods(kafka)], ports: [tcp(9092)] }],
  });
}

/** Streams over a range of ports, from the network of the callers. */
export function mediaServer(w: World): void {
  const media = w.app("media", { ports: [{ port: 5060, protocol: "UDP" }] });
  w.denyAll();
  w.policy("media", {
    podSelector: w.selector(media),
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      {
        from: [{ ipBlock: { cidr: "203.0.113.0/24" } }],
        ports: [
          { protocol: "UDP", port: 5060 },
          { protocol: "UDP", port: 30_000, endPort: 30_000 + w.random.pick([99, 499, 999]) },
        ],
      },
    ],
    egress: [{ to: [{ ipBlock: { cidr: "203.0.113.0/24" } }], ports: [{ protocol: "UDP", port: 5060 }] }],
  });
}

/** Ports by the names that the containers give them. */
export function namedPorts(w: World): void {
  const web = w.app("web");
  const api = w.app("api", {
    pods: 2,
    ports: [
      { name: "http", port: 8080 },
      { name: "metrics", port: 9090 },
    ],
  });
  w.namespace("monitoring");
  const prometheus = w.app("prometheus", { namespace: "monitoring" });
  w.denyAll();
  w.policy("api", {
    podSelector: w.selector(api),
    policyTypes: ["Ingress"],
    ingress: [
      { from: [w.pods(web)], ports: [tcp("http")] },
      { from: [w.of("monitoring", prometheus)], ports: [tcp("metrics")] },
    ],
  });
  w.policy("web", {
    podSelector: w.selector(web),
    policyTypes: ["Egress"],
    egress: [{ to: [w.pods(api)], ports: [tcp("http")] }],
  });
}
