/** A NetworkPolicy as people write it; every field that the API server would default is stated. */
export interface Policy {
  readonly apiVersion: "networking.k8s.io/v1";
  readonly kind: "NetworkPolicy";
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Policies in the order in which they stand in a file. */
export type PolicySet = readonly Policy[];

/** The label by which the policies of a set are deleted. */
export const setLabel = "app.kubernetes.io/part-of=shop";

function policy(name: string, spec: Readonly<Record<string, unknown>>): Policy {
  const labels = { "app.kubernetes.io/part-of": "shop" };
  return { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name, labels }, spec };
}

const everyPod = {};
const app = (name: string): object => ({ matchLabels: { app: name } });
const pods = (name: string): object => ({ podSelector: app(name) });
const namespace = (name: string): object => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
});
const tcp = (port: number): object => ({ protocol: "TCP", port });
const ports = (port: number): object => ({ ports: [tcp(port)] });

const allowDns = policy("allow-dns", {
  podSelector: everyPod,
  policyTypes: ["Egress"],
  egress: [
    {
      to: [{ ...namespace("kube-system"), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }],
      ports: [{ protocol: "UDP", port: 53 }, tcp(53)],
    },
  ],
});

const defaultDeny = (name: string): Policy =>
  policy(name, { podSelector: everyPod, policyTypes: ["Ingress", "Egress"] });

const frontend = policy("frontend", {
  podSelector: app("frontend"),
  policyTypes: ["Ingress", "Egress"],
  ingress: [{ from: [namespace("ingress-nginx")], ...ports(8080) }],
  egress: [{ to: [pods("backend")], ...ports(8080) }],
});

const backend = (port: number): Policy =>
  policy("backend", {
    podSelector: app("backend"),
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: [pods("frontend")], ...ports(port) }],
    egress: [{ to: [pods("postgres")], ...ports(5432) }],
  });

const postgres = policy("postgres", {
  podSelector: app("postgres"),
  policyTypes: ["Ingress"],
  ingress: [{ from: [pods("backend")], ...ports(5432) }],
});

const monitoring = policy("monitoring", {
  podSelector: everyPod,
  policyTypes: ["Ingress"],
  ingress: [{ from: [namespace("monitoring")], ...ports(9090) }],
});

const payments = policy("payments", {
  podSelector: app("backend"),
  policyTypes: ["Egress"],
  egress: [{ to: [{ ipBlock: { cidr: "203.0.113.0/24" } }], ...ports(443) }],
});

/** Default deny, DNS, three tiers and monitoring; the DNS allow sorts first. */
export const good: PolicySet = [
  allowDns,
  backend(8080),
  defaultDeny("default-deny"),
  frontend,
  monitoring,
  postgres,
];

/** The same, with a default deny whose name sorts before the DNS allow. */
export const denyFirst: PolicySet = [
  defaultDeny("00-default-deny"),
  allowDns,
  backend(8080),
  frontend,
  monitoring,
  postgres,
];

/** The default deny lets DNS out itself and sorts first: one object instead of two. */
export const denyWithDns: PolicySet = [
  policy("00-default-deny", { ...allowDns.spec, policyTypes: ["Ingress", "Egress"] }),
  backend(8080),
  frontend,
  monitoring,
  postgres,
];

/** The next release: a port changes, one policy goes, one comes. */
export const changed: PolicySet = [
  allowDns,
  backend(8443),
  defaultDeny("default-deny"),
  frontend,
  payments,
  postgres,
];

/** The default deny under another name. */
export const renamed: PolicySet = [
  allowDns,
  backend(8080),
  frontend,
  defaultDeny("isolate-all"),
  monitoring,
  postgres,
];

const fromPrometheusOr = policy("monitoring", {
  podSelector: everyPod,
  policyTypes: ["Ingress"],
  ingress: [{ from: [namespace("monitoring"), pods("prometheus")], ...ports(9090) }],
});

const openPostgres = policy("postgres", { ...postgres.spec, ingress: [{}] });

/** Two mistakes: a `from` whose two selectors are OR-ed, and an ingress open to everybody. */
export const bad: PolicySet = [allowDns, defaultDeny("default-deny"), fromPrometheusOr, openPostgres];

/** Nothing but a default deny of ingress, under a name. */
export const lone = (name: string): PolicySet => [
  policy(name, { podSelector: everyPod, policyTypes: ["Ingress"] }),
];

/** Nobody lets DNS out. */
export const withoutDns: PolicySet = good.filter((member) => member !== allowDns);

/** The names of a set, sorted. */
export function namesOf(set: PolicySet): string[] {
  return set.map(({ metadata }) => metadata.name).sort();
}

export const tiers = ["backend", "frontend", "postgres"] as const;

/** A Deployment of each tier, so that there are pods to isolate. */
export const deployments: readonly object[] = tiers.map((name) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, labels: { "app.kubernetes.io/part-of": "shop" } },
  spec: {
    replicas: 1,
    selector: app(name),
    template: {
      metadata: { labels: { app: name } },
      spec: {
        automountServiceAccountToken: false,
        containers: [{ name: "main", image: "registry.example/main:1" }],
      },
    },
  },
}));

/** Those of a set with these names. */
export function only(set: PolicySet, ...names: readonly string[]): PolicySet {
  return set.filter(({ metadata }) => names.includes(metadata.name));
}

/** Those of a set without these names. */
export function without(set: PolicySet, ...names: readonly string[]): PolicySet {
  return set.filter(({ metadata }) => !names.includes(metadata.name));
}
