import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "../../control-plane/sandbox.ts";
import { storedPolicies, type StoredPolicy } from "../../control-plane/stored-policies.ts";
import { until } from "../../control-plane/wait.ts";
import { markdownRows } from "../../support/markdown-rows.ts";
import { readPage } from "../../docs/markdown.ts";

// Namespaces with an intent in the hands of tools that track what they applied: whether a tool sees a difference afterwards,
// whether it would prune companions, and whether what it tracks by is copied to them.
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
}, 180_000);
afterAll(() => sandbox.stop(), 60_000);

const intent = "denyAll: true\nallowIntraNamespace: true\n";
const companions = ["ringfence-allow-dns", "ringfence-allow-intra-namespace", "ringfence-default-deny"];

interface Tool {
  readonly name: string;
  /** As what it writes. */
  readonly manager: string;
  /** Applies the manifests; those of kubectl write their own annotation besides. */
  readonly apply: "server" | "client";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** By which label it finds what it once applied. */
  readonly pruneBy: string;
}

const tools: readonly Tool[] = [
  {
    name: "Flux",
    manager: "kustomize-controller",
    apply: "server",
    labels: {
      "kustomize.toolkit.fluxcd.io/name": "flux-shop",
      "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
    },
    annotations: {},
    pruneBy: "kustomize.toolkit.fluxcd.io/name=flux-shop",
  },
  {
    name: "Argo CD",
    manager: "argocd-controller",
    apply: "server",
    labels: { "app.kubernetes.io/instance": "argo-shop" },
    annotations: { "argocd.argoproj.io/tracking-id": "shop:/Namespace:shop/shop" },
    pruneBy: "app.kubernetes.io/instance=argo-shop",
  },
  {
    name: "Argo CD, client-side",
    manager: "argocd-controller",
    apply: "client",
    labels: { "app.kubernetes.io/instance": "argo-client-shop" },
    annotations: { "argocd.argoproj.io/tracking-id": "shop:/Namespace:shop/shop" },
    pruneBy: "app.kubernetes.io/instance=argo-client-shop",
  },
  {
    name: "Helm",
    manager: "helm",
    apply: "server",
    labels: { "app.kubernetes.io/managed-by": "Helm" },
    annotations: { "meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "default" },
    pruneBy: "app.kubernetes.io/managed-by=Helm",
  },
  {
    name: "kubectl",
    manager: "kubectl-client-side-apply",
    apply: "client",
    labels: { "example.com/set": "kubectl-shop" },
    annotations: {},
    pruneBy: "example.com/set=kubectl-shop",
  },
];

const policiesIn = (namespace: string, query = ""): Promise<readonly StoredPolicy[]> =>
  storedPolicies(sandbox.controlPlane.api.admin, namespace, query);

const isCompanion = ({ metadata }: StoredPolicy): boolean => metadata.name.startsWith("ringfence-");

describe.each(tools)("$name", (tool) => {
  const namespace = `${tool.name.toLowerCase().replaceAll(/[^a-z]+/g, "-")}-shop`;
  const { labels, annotations, manager } = tool;
  const objects = [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: namespace,
        labels: { ...labels, "ringfence.dev/enforce": "baseline" },
        annotations: { ...annotations, "ringfence.dev/network-policies": intent },
      },
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "web", namespace, labels, annotations },
      spec: {
        podSelector: { matchLabels: { app: "web" } },
        policyTypes: ["Ingress"],
        ingress: [{ from: [{ podSelector: { matchLabels: { app: "proxy" } } }] }],
      },
    },
  ];
  const stdin = objects.map((object) => JSON.stringify(object)).join("\n---\n");
  const kubectl = (...args: string[]) => sandbox.controlPlane.kubectl(args, { as: "operator", stdin });
  const flags = [
    "-f",
    "-",
    "--field-manager",
    manager,
    ...(tool.apply === "server" ? ["--server-side"] : []),
  ];
  const namespaceNow = async () =>
    (await sandbox.controlPlane.api.admin.expect("GET", `/api/v1/namespaces/${namespace}`)) as Pick<
      StoredPolicy,
      "metadata"
    >;
  let declared: Pick<StoredPolicy, "metadata">;

  test("R35: companions come, and carry nothing of the tool's", async () => {
    const applied = await kubectl("apply", ...flags);
    expect(applied.code, applied.stderr).toBe(0);
    declared = await namespaceNow();
    await until("the companions", async () => {
      const names = (await policiesIn(namespace)).filter(isCompanion).map(({ metadata }) => metadata.name);
      return companions.every((name) => names.includes(name));
    });
    const { uid } = declared.metadata;
    for (const { metadata } of (await policiesIn(namespace)).filter(isCompanion)) {
      expect(metadata.labels).toEqual({ "app.kubernetes.io/managed-by": "ringfence" });
      expect(metadata.annotations).toEqual({ "ringfence.dev/namespace-uid": uid });
      expect(metadata).not.toHaveProperty("ownerReferences");
      expect(metadata).not.toHaveProperty("finalizers");
    }
  });

  test("R32, R33, R34: the tool sees no difference and no conflict, and nothing was written into the namespace", async () => {
    expect((await namespaceNow()).metadata.resourceVersion).toBe(declared.metadata.resourceVersion);
    const differing = await kubectl("diff", ...flags);
    expect([differing.code, differing.stdout, differing.stderr]).toEqual([0, "", ""]);
    const before = await policiesIn(namespace);
    const again = await kubectl("apply", ...flags);
    expect(again.code, again.stderr).toBe(0);
    expect((await namespaceNow()).metadata.resourceVersion).toBe(declared.metadata.resourceVersion);
    expect(await policiesIn(namespace)).toEqual(before);
  });

  test("nothing of Ringfence's is found by what the tool prunes by, and pruning leaves it", async () => {
    const found = await policiesIn(namespace, `?labelSelector=${encodeURIComponent(tool.pruneBy)}`);
    expect(found.map(({ metadata }) => metadata.name)).toEqual(["web"]);
    const before = (await policiesIn(namespace)).filter(isCompanion);
    // The policy is not declared any more.
    const pruned = await sandbox.controlPlane.kubectl(
      [
        ...["-n", namespace, "delete", "networkpolicies", "--selector", tool.pruneBy],
        ...["--wait=true", "--ignore-not-found"],
      ],
      { as: "operator" },
    );
    expect(pruned.code, pruned.stderr).toBe(0);
    expect(await policiesIn(namespace)).toEqual(before);
  });

  test("each companion was written once", async () => {
    const { audit } = sandbox.controlPlane;
    const events = await audit.events({ namespace, resource: "networkpolicies" });
    const ours = events.filter(
      ({ objectRef, user }) =>
        objectRef?.name?.startsWith("ringfence-") === true && user.username.includes("ringfence"),
    );
    expect(ours.map(({ objectRef }) => objectRef?.name).sort()).toEqual(companions);
  });

  test("docs/reference/oracles.md has a row of it", () => {
    const rows = markdownRows(readPage("docs/reference/oracles.md"));
    expect(rows.some(([first, second]) => first === tool.name && second?.includes("intent"))).toBe(true);
  });
});
