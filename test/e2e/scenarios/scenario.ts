import type { UserName } from "../../control-plane/users.ts";
import { until } from "../../control-plane/wait.ts";
import { transcript, type Typed } from "../../support/transcript.ts";
import { expectGolden } from "../golden.ts";
import { controlPlane, type TestNamespace } from "../support.ts";

/** A namespace by its name: of a test, or one that was made in another way. */
export type Place = Pick<TestNamespace, "name">;

/** What a user typed and saw; `namespace` is the one of the test, which golden files call shop. */
export interface Seen extends Typed {
  readonly namespace: string;
}

/** A user of the test, in whose name kubectl runs; the tenant unless said. */
export interface Run {
  readonly as?: UserName;
  readonly stdin?: string;
}

/** kubectl in the test's namespace, from the folder of the manifests, so that files are named as a user names them. */
export async function run(
  { name }: Place,
  args: readonly string[],
  { as = "tenant", stdin }: Run = {},
): Promise<Seen> {
  const options = { as, cwd: import.meta.dirname, ...(stdin === undefined ? {} : { stdin }) };
  const result = await controlPlane().kubectl(["-n", name, ...args], options);
  return { ...result, namespace: name, command: ["kubectl", "-n", name, ...args].join(" ") };
}

/** `kubectl apply -f FILE.yaml`, a manifest of this folder, as the tenant. */
export async function apply(
  namespace: Place,
  file: string,
  flags: readonly string[] = [],
  as: UserName = "tenant",
): Promise<Seen> {
  return await run(namespace, ["apply", "-f", `${file}.yaml`, ...flags], { as });
}

/** Holds what the user saw against test/e2e/golden/NAME.txt. */
export async function expectSeen(name: string, ...seen: readonly Seen[]): Promise<void> {
  const names = Object.fromEntries(seen.map(({ namespace }) => [namespace, "shop"]));
  await expectGolden(transcript(...seen), `${name}.txt`, names);
}

/** The lines that kubectl printed as warnings, without the word. */
export function warningsOf({ stderr }: Typed): string[] {
  return stderr
    .split("\n")
    .filter((line) => line.startsWith("Warning: "))
    .map((line) => line.slice("Warning: ".length));
}

/** The rules named by a denial, in its order. */
export function rulesOf({ stderr }: Typed): string[] {
  return [...stderr.matchAll(/^- ([a-z-]+)(?: at |: )/gm)].map(([, rule = ""]) => rule);
}

/** Whether the shared policies of a test stand: their names, sorted. */
export async function policiesIn({ name }: Place): Promise<string[]> {
  const path = `/apis/networking.k8s.io/v1/namespaces/${name}/networkpolicies`;
  const list = (await controlPlane().api.admin.expect("GET", path)) as {
    readonly items: readonly { readonly metadata: { readonly name: string } }[];
  };
  return list.items.map(({ metadata }) => metadata.name).sort();
}

/**
 * Waits until Ringfence has seen the namespace's labels: until a policy that breaks the baseline beyond cure is refused
 * on a dry run. For namespaces whose enforcement was switched on after they were made.
 */
export async function untilEnforced({ name }: Place): Promise<void> {
  const path = `/apis/networking.k8s.io/v1/namespaces/${name}/networkpolicies?dryRun=All`;
  const body = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "probe" },
    spec: { podSelector: { matchLabels: { app: "probe" } }, policyTypes: ["Ingress", "Ingress"] },
  };
  await until(`${name} to be enforced`, async () => {
    const { status } = await controlPlane().api.admin.send("POST", path, { body });
    return status === 403;
  });
}

/** Pods of the namespace, running for the API server: there is no kubelet. `labels` by name of the pod. */
export async function runPods(
  { name }: Place,
  pods: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<void> {
  const { admin } = controlPlane().api;
  const path = `/api/v1/namespaces/${name}/pods`;
  for (const [pod, labels] of Object.entries(pods)) {
    const body = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: pod, labels },
      spec: {
        automountServiceAccountToken: false,
        containers: [{ name: "main", image: "example.com/main:1" }],
      },
    };
    // Refused until the namespace's default service account has been made.
    await until(
      `pod ${pod} to be admitted`,
      async () => (await admin.send("POST", path, { body })).status < 300,
    );
  }
}

export const base = { "ringfence.dev/enforce": "baseline" };
export const restricted = { "ringfence.dev/enforce": "restricted" };
