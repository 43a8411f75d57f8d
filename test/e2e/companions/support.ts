import { expect, onTestFinished } from "vitest";
import { stringify } from "yaml";
import type { AuditEvent } from "../../control-plane/audit-log.ts";
import { equalWrites } from "../../control-plane/equal-writes.ts";
import { sumOf } from "../../control-plane/metrics.ts";
import { storedPolicies, type StoredPolicy } from "../../control-plane/stored-policies.ts";
import type { UserName } from "../../control-plane/users.ts";
import { until } from "../../control-plane/wait.ts";
import { controlPlane, sharedRingfence, uniqueName } from "../support.ts";

export const account = "system:serviceaccount:ringfence-system:ringfence";
export const intentAnnotation = "ringfence.dev/network-policies";

export type Stored = StoredPolicy;

export interface IntentNamespaceOptions {
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly as?: UserName;
}

/** A namespace that is born with an intent, gone after the test. */
export async function intentNamespace(intent: object, options: IntentNamespaceOptions = {}): Promise<string> {
  const { name = uniqueName("c"), labels = {}, as = "tenant" } = options;
  const namespace = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels, annotations: { [intentAnnotation]: stringify(intent) } },
  };
  onTestFinished(async () => {
    await controlPlane().api.admin.send("DELETE", `/api/v1/namespaces/${name}`);
  });
  await kubectl(["create", "-f", "-"], as, JSON.stringify(namespace));
  return name;
}

/** kubectl that must succeed; what it printed. */
export async function kubectl(args: readonly string[], as: UserName, stdin?: string): Promise<string> {
  const result = await controlPlane().kubectl(args, { as, ...(stdin === undefined ? {} : { stdin }) });
  expect(result.code, `kubectl ${args.join(" ")}: ${result.stderr}`).toBe(0);
  return result.stdout;
}

/** Says something else for a namespace, or nothing any more (undefined). */
export async function declare(name: string, intent: object | undefined, as: UserName): Promise<void> {
  const said = intent === undefined ? `${intentAnnotation}-` : `${intentAnnotation}=${stringify(intent)}`;
  await kubectl(["annotate", "namespace", name, said, "--overwrite"], as);
}

/** The policies of a namespace by name. */
export async function policies(namespace: string): Promise<ReadonlyMap<string, Stored>> {
  const items = await storedPolicies(controlPlane().api.admin, namespace);
  return new Map(items.map((item) => [item.metadata.name, item]));
}

/** Waits until exactly these policies stand; they are returned. */
export async function untilPolicies(
  namespace: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, Stored>> {
  return await until(`${names.join(", ") || "no policy"} in ${namespace}`, async () => {
    const found = await policies(namespace);
    const there = [...found.keys()].sort().join();
    if (there !== [...names].sort().join()) throw new Error(`there are: ${there}`);
    return found;
  });
}

/** One policy, once it is as `holds` wants it. */
export async function untilPolicy(
  namespace: string,
  name: string,
  holds: (policy: Stored) => boolean,
): Promise<Stored> {
  return await until(`${namespace}/${name} to be as it should`, async () => {
    const policy = (await policies(namespace)).get(name);
    return policy !== undefined && holds(policy) && policy;
  });
}

/** What Ringfence wrote into policies of the namespace, or tried to, in the order of the answers. */
export async function attempts(namespace: string): Promise<readonly AuditEvent[]> {
  return await controlPlane().audit.events({ username: account, resource: "networkpolicies", namespace });
}

/** Those that were carried out; dry runs are none. */
export async function writes(namespace: string): Promise<readonly AuditEvent[]> {
  return (await attempts(namespace)).filter(
    ({ responseStatus, requestURI }) =>
      (responseStatus?.code ?? 500) < 300 && !requestURI.includes("dryRun="),
  );
}

/** Fails where Ringfence wrote a policy as it stood already. */
export async function expectNoEqualWrites(namespace?: string): Promise<void> {
  const filter = { resource: "networkpolicies", ...(namespace === undefined ? {} : { namespace }) };
  const equal = equalWrites(await controlPlane().audit.events(filter), account);
  expect(equal.map(({ verb, requestURI }) => `${verb} ${requestURI}`)).toEqual([]);
}

/** An Event as people see it. */
export interface SeenEvent {
  readonly reason: string;
  readonly note: string;
  readonly type: string;
  readonly series?: { readonly count: number };
}

/** The Events about a namespace. */
export async function eventsOf(namespace: string): Promise<readonly SeenEvent[]> {
  const path = "/apis/events.k8s.io/v1/namespaces/default/events";
  const { items } = (await controlPlane().api.admin.expect("GET", path)) as {
    items: readonly (SeenEvent & { readonly regarding: { readonly kind: string; readonly name: string } })[];
  };
  return items.filter(({ regarding }) => regarding.kind === "Namespace" && regarding.name === namespace);
}

/** One Event about a namespace, once it is there. */
export async function untilEvent(namespace: string, reason: string): Promise<SeenEvent> {
  return await until(`an Event ${reason} about ${namespace}`, async () =>
    (await eventsOf(namespace)).find((event) => event.reason === reason),
  );
}

/** How many companions are in a state now. */
export async function companionsIn(state: string): Promise<number> {
  const samples = await sharedRingfence().metrics("ringfence_companions");
  return sumOf(samples, "ringfence_companions", { state });
}
