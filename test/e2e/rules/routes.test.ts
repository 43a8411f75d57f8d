// The advisory rules that look at what stands behind routes, and at the way to the API server.
import { expect, onTestFinished, test } from "vitest";
import { until } from "../../control-plane/wait.ts";
import { controlPlane, ownRingfence, testNamespace, type TestNamespace } from "../support.ts";
import { expectSeen, run, warningsOf, type Seen } from "../scenarios/scenario.ts";
import { install, uninstall, type CustomKind } from "../unmodelled/kinds.ts";

const warn = { "ringfence.dev/warn": "baseline" };

const policy = (name: string, direction: "Ingress" | "Egress", rules = "[]") => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name} }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [${direction}]
  ${direction.toLowerCase()}: ${rules}
`;
const service = `
apiVersion: v1
kind: Service
metadata: { name: api }
spec: { selector: { app: api }, ports: [{ port: 80, targetPort: 8080 }] }
`;
const ingress = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec: { defaultBackend: { service: { name: api, port: { number: 80 } } } }
`;
const httpRoute = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec: { rules: [{ backendRefs: [{ name: api, port: 80 }] }] }
`;
const httpRoutes: CustomKind = {
  group: "gateway.networking.k8s.io",
  version: "v1",
  kind: "HTTPRoute",
  plural: "httproutes",
  scope: "Namespaced",
};

async function applied(shop: TestNamespace, ...yaml: readonly string[]): Promise<void> {
  const { code, stderr } = await run(shop, ["apply", "-f", "-"], { as: "admin", stdin: yaml.join("---") });
  expect(code, stderr).toBe(0);
}

const apply = (shop: TestNamespace, yaml: string, ...flags: readonly string[]): Promise<Seen> =>
  run(shop, ["apply", "-f", "-", ...flags], { stdin: yaml });

type Rule = "route-backend-blocked" | "api-server-egress-blocked";

/** What a user saw of one rule; others speak of these policies as well. */
const ofRule = (seen: Seen, rule: Rule): Seen => {
  const lines = seen.stderr.split("\n").filter((line) => line.startsWith(`Warning: ${rule}`));
  return { ...seen, stderr: lines.map((line) => `${line}\n`).join("") };
};

/** Waits until Ringfence has seen what makes the policy worth a warning, or what makes it not. */
async function untilWarned(shop: TestNamespace, rule: Rule, yaml: string, times = 1): Promise<void> {
  await until(`${times} warnings`, async () => {
    return warningsOf(ofRule(await apply(shop, yaml, "--dry-run=server"), rule)).length === times;
  });
}

/** A namespace of a controller, and a Ringfence whose configuration names it. */
async function withController(instance: string): Promise<{ nginx: TestNamespace; shop: TestNamespace }> {
  const nginx = await testNamespace({}, { prefix: "nginx" });
  await ownRingfence(instance, {
    config: [
      "apiVersion: config.ringfence.dev/v1alpha1",
      "kind: RingfenceConfiguration",
      `ingressControllers: [{ namespace: ${nginx.name}, pods: { app: nginx } }]`,
      "",
    ].join("\n"),
  });
  const shop = await testNamespace(warn, { instance });
  await shop.runningPod("api-1", { app: "api" }, { ports: [{ containerPort: 8080 }] });
  await nginx.runningPod("nginx-1", { app: "nginx" });
  return { nginx, shop };
}

/** What the tenant saw, with a name for the controller's namespace. */
const named = (seen: Seen, { name }: TestNamespace): Seen => ({
  ...seen,
  stderr: seen.stderr.replaceAll(name, "ingress-nginx"),
});

const letIn = ({ name }: TestNamespace) =>
  `[{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ${name} } } }], ports: [{ port: 8080 }] }]`;

test("R91: a policy that lets no ingress controller in to pods behind an Ingress is warned of", async () => {
  const { nginx, shop } = await withController("routes");
  await applied(shop, service, ingress);
  await untilWarned(shop, "route-backend-blocked", policy("api", "Ingress"));
  const blocked = ofRule(await apply(shop, policy("api", "Ingress")), "route-backend-blocked");
  expect(blocked.code, blocked.stderr).toBe(0);
  await expectSeen("rule-route-backend-blocked", named(blocked, nginx));
  const open = ofRule(await apply(shop, policy("api", "Ingress", letIn(nginx))), "route-backend-blocked");
  expect([open.code, open.stderr]).toEqual([0, ""]);
});

test("HTTPRoutes are seen when their kind comes, and forgotten when it goes, without a restart", async () => {
  const { nginx, shop } = await withController("http-routes");
  const { admin } = controlPlane().api;
  await applied(shop, service);
  const before = ofRule(
    await apply(shop, policy("api", "Ingress"), "--dry-run=server"),
    "route-backend-blocked",
  );
  expect([before.code, before.stderr]).toEqual([0, ""]);
  await install(admin, httpRoutes);
  try {
    await applied(shop, httpRoute);
    await untilWarned(shop, "route-backend-blocked", policy("api", "Ingress"));
    const [warning] = warningsOf(
      named(
        ofRule(await apply(shop, policy("api", "Ingress"), "--dry-run=server"), "route-backend-blocked"),
        nginx,
      ),
    );
    expect(warning).toBe(
      "route-backend-blocked at spec.ingress: api-1 behind HTTPRoute shop: ingress-nginx is not let in on 8080/TCP",
    );
  } finally {
    await uninstall(admin, httpRoutes);
  }
  await untilWarned(shop, "route-backend-blocked", policy("api", "Ingress"), 0);
}, 120_000);

const token = { projected: { sources: [{ serviceAccountToken: { path: "token" } }] } };
const slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";

/** The API server of the tests listens on the loopback device, of which it writes no endpoint: one is written for it. */
async function apiServerAt(address: string): Promise<void> {
  const { admin } = controlPlane().api;
  const name = "kubernetes-of-a-test";
  await admin.expect("POST", slices, {
    body: {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name, labels: { "kubernetes.io/service-name": "kubernetes" } },
      addressType: "IPv4",
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
      ports: [{ name: "https", protocol: "TCP", port: 6443 }],
    },
  });
  onTestFinished(async () => {
    await admin.send("DELETE", `${slices}/${name}`);
  });
}

test("R91: a policy that closes the way of an operator to the API server is warned of", async () => {
  await apiServerAt("192.168.7.10");
  const shop = await testNamespace(warn);
  await applied(shop, "\napiVersion: v1\nkind: ServiceAccount\nmetadata: { name: operator }\n");
  const spec = { serviceAccountName: "operator", volumes: [{ name: "token", ...token }] };
  await shop.runningPod("operator-1", { app: "api" }, { spec });
  const dns =
    "{ to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } } }], ports: [{ port: 53, protocol: UDP }, { port: 53 }] }";
  const closed = policy("api", "Egress", `[${dns}]`);
  await untilWarned(shop, "api-server-egress-blocked", closed);
  const blocked = ofRule(await apply(shop, closed), "api-server-egress-blocked");
  expect(blocked.code, blocked.stderr).toBe(0);
  await expectSeen("rule-api-server-egress-blocked", blocked);
  const way = "{ to: [{ ipBlock: { cidr: 192.168.7.10/32 } }], ports: [{ port: 6443 }] }";
  const open = ofRule(
    await apply(shop, policy("api", "Egress", `[${dns}, ${way}]`)),
    "api-server-egress-blocked",
  );
  expect([open.code, open.stderr]).toEqual([0, ""]);
});
