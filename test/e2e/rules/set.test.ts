// One case by kubectl for each advisory rule that looks at what the policies of a namespace do together, and at its pods.
import { expect, test } from "vitest";
import { until } from "../../control-plane/wait.ts";
import { transcript } from "../../support/transcript.ts";
import { expectGolden } from "../golden.ts";
import { run, runPods, warningsOf, type Seen } from "../scenarios/scenario.ts";
import { testNamespace } from "../support.ts";

const warned = { "ringfence.dev/warn": "baseline" };

const policy = (name: string, spec: string): string =>
  `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name} }
spec: ${spec}
`;

const pods = { "api-1": { app: "api" }, "frontend-1": { app: "frontend" } };
const fromFrontend = "ingress: [{ from: [{ podSelector: { matchLabels: { app: frontend } } }] }]";
const defaultDeny = policy("default-deny", "{ podSelector: {}, policyTypes: [Ingress] }");
const api = (rules: string): string =>
  policy("api", `{ podSelector: { matchLabels: { app: api } }, policyTypes: [Ingress], ${rules} }`);
const fromMonitoring =
  "ingress: [{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: MONITORING } } }], ports: [{ port: 9090 }] }]";

interface Case {
  /** What stands before, one policy after the other. */
  readonly standing?: readonly string[];
  /** The policy that is applied; MONITORING stands for a namespace in which Prometheus runs. */
  readonly applied: string;
}

const cases: Readonly<Record<string, Case>> = {
  "newly-isolates-running-pods": { applied: defaultDeny },
  "widens-reach": { standing: [defaultDeny], applied: api(fromMonitoring) },
  "one-sided-allow": {
    standing: [
      policy("frontend", "{ podSelector: { matchLabels: { app: frontend } }, policyTypes: [Egress] }"),
      defaultDeny,
    ],
    applied: api(fromFrontend),
  },
  "namespace-wide-selector": {
    standing: [defaultDeny],
    applied: policy("metrics", `{ podSelector: {}, policyTypes: [Ingress], ${fromMonitoring} }`),
  },
  "dangling-policy": {
    applied: policy(
      "closed",
      "{ podSelector: { matchLabels: { app.kubernetes.io/name: api } }, policyTypes: [Ingress] }",
    ),
  },
  "dangling-peer": {
    standing: [defaultDeny],
    applied: api("ingress: [{ from: [{ podSelector: { matchLabels: { app: fronted } } }] }]"),
  },
  "shadowed-rule": {
    standing: [
      defaultDeny,
      policy("frontend-in", `{ podSelector: {}, policyTypes: [Ingress], ${fromFrontend} }`),
    ],
    applied: api(fromFrontend),
  },
  "negative-pod-peer": {
    standing: [defaultDeny],
    applied: api(
      "ingress: [{ from: [{ podSelector: { matchExpressions: [{ key: app, operator: NotIn, values: [db] }] } }] }]",
    ),
  },
};

test.each(Object.entries(cases))("R91: %s warns", async (id, { standing = [], applied }) => {
  const shop = await testNamespace(warned);
  const monitoring = await testNamespace();
  await runPods(shop, pods);
  await runPods(monitoring, { "prometheus-0": { app: "prometheus" } });
  const apply = (yaml: string, ...flags: string[]): Promise<Seen> =>
    run(shop, ["apply", "-f", "-", ...flags], { stdin: yaml.replaceAll("MONITORING", monitoring.name) });
  const isTold = (seen: Seen): boolean =>
    warningsOf(seen).some((line) => line.startsWith(`${id} at `) || line.startsWith(`${id}: `));
  for (const yaml of standing) {
    const { code, stderr } = await apply(yaml);
    expect(code, stderr).toBe(0);
  }
  // The pods, and what was applied a moment ago, have to be seen first.
  await until(`${id} to be told`, async () => isTold(await apply(applied, "--dry-run=server")));
  const seen = await apply(applied);
  expect(seen.code, seen.stderr).toBe(0);
  expect(isTold(seen), seen.stderr).toBe(true);
  const names = { [shop.name]: "shop", [monitoring.name]: "monitoring" };
  await expectGolden(transcript(seen), `rule-${id}.txt`, names);
});

test("R91: system-namespace-policy warns in a system namespace, where no other rule speaks", async () => {
  const closed = policy(
    "closed",
    "{ podSelector: { matchLabels: { k8s-app: kube-dns } }, policyTypes: [Egress] }",
  );
  const args = ["apply", "-f", "-", "--dry-run=server"];
  const seen = await run({ name: "kube-system" }, args, { as: "admin", stdin: closed });
  expect(seen.code, seen.stderr).toBe(0);
  expect(warningsOf(seen).map((line) => line.split(":")[0])).toEqual(["system-namespace-policy"]);
  await expectGolden(transcript(seen), "rule-system-namespace-policy.txt");
});
