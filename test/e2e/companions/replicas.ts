import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { stringify } from "yaml";
import type { AuditEvent } from "../../control-plane/audit-log.ts";
import type { ControlPlane } from "../../control-plane/control-plane.ts";
import { equalWrites } from "../../control-plane/equal-writes.ts";
import { startRingfence, type Ringfence } from "../../control-plane/ringfence.ts";
import { kubeconfig } from "../../control-plane/users.ts";
import { sumOf } from "../../control-plane/metrics.ts";
import { until } from "../../control-plane/wait.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { uniqueName } from "../support.ts";
import { account, intentAnnotation } from "./support.ts";

/** The time of a lease; a holder stops after two thirds of it, which a busy machine does not keep it waiting for. */
export const leaseSeconds = 6;

export interface Replica {
  readonly ringfence: Ringfence;
  /** What the API server notes of requests with this replica's token. */
  readonly credential: string;
  /** Stands still, as a process does whose machine is paused. */
  freeze(): void;
  thaw(): void;
  leads(): Promise<boolean>;
  /** Policies that it has written so far. */
  written(): Promise<number>;
}

/** Where a replica finds the API server. */
export type ApiServerAddress = Pick<ControlPlane["address"], "server" | "authorityPem">;

const credentialKey = "authentication.kubernetes.io/credential-id";

/**
 * A Ringfence with a token of its own for the account that all share, behind the configuration of that file; it is asked
 * about no request.
 */
export async function startReplica(
  plane: ControlPlane,
  configFile: string,
  { server, authorityPem }: ApiServerAddress = plane.address,
): Promise<Replica> {
  const { token, credential } = await newToken(plane);
  const { directory, kubeconfigs } = plane.address;
  const file = join(directory, `${uniqueName("replica")}.kubeconfig`);
  await writeFile(file, kubeconfig({ server, authorityPem, user: "ringfence", token }));
  const address = { ...plane.address, kubeconfigs: { ...kubeconfigs, ringfence: file } };
  const args = [`--lease-duration=${leaseSeconds}s`, "--shutdown-delay=100ms"];
  const ringfence = await startRingfence(
    { ...plane, address },
    {
      args,
      configFile,
      register: false,
    },
  );
  onTestFinished(() => ringfence.stop());
  return {
    ringfence,
    credential,
    freeze: () => process.kill(-ringfence.pid(), "SIGSTOP"),
    thaw: () => process.kill(-ringfence.pid(), "SIGCONT"),
    leads: async () => (await ringfence.metrics("ringfence_leader"))[0]?.value === 1,
    written: async () => {
      const name = "ringfence_companion_writes_total";
      return sumOf(await ringfence.metrics(name), name, { result: "done" });
    },
  };
}

/**
 * The API server behind a way on which each write into namespaces with such names takes its time: whoever goes it is in
 * the middle of its work when something happens to it, however fast or busy the machine is.
 */
export async function slowWay(plane: ControlPlane, namespaces: string): Promise<ApiServerAddress> {
  const proxy = await startFaultProxy(plane.address);
  onTestFinished(() => proxy.stop());
  proxy.inject({ type: "delay", milliseconds: 250 }, { path: `/namespaces/${namespaces}` });
  return proxy;
}

async function newToken({ api }: ControlPlane): Promise<{ token: string; credential: string }> {
  const path = "/api/v1/namespaces/ringfence-system/serviceaccounts/ringfence/token";
  const answer = await api.admin.expect("POST", path, {
    body: {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds: 7_200 },
    },
  });
  const { token } = (answer as { status: { token: string } }).status;
  const [, payload = ""] = token.split(".");
  const { jti } = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as { jti: string };
  return { token, credential: `JTI=${jti}` };
}

/** Whether a request was made with that token. */
export function isOf(credential: string, { extra }: AuditEvent["user"]): boolean {
  return extra?.[credentialKey]?.includes(credential) === true;
}

/**
 * What Ringfence wrote with this replica's token, or tried to, but for the Lease: requests as the API server received
 * them, after that time or before it.
 */
export async function requestsOf(
  plane: ControlPlane,
  { credential }: Replica,
  { after = -Infinity, before = Infinity }: { readonly after?: number; readonly before?: number },
): Promise<readonly string[]> {
  const events = await plane.audit.events({ username: account });
  return events
    .filter(({ user, objectRef }) => isOf(credential, user) && objectRef?.resource !== "leases")
    .filter(({ requestReceivedTimestamp: time }) => Date.parse(time) > after && Date.parse(time) < before)
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
}

export const untilLeads = (replica: Replica): Promise<unknown> =>
  until("the replica to lead", () => replica.leads());

/** Namespaces that enforce baseline, `prefix-0` and so on, by one kubectl, with an intent of their own or without. */
export async function createNamespaces(
  plane: ControlPlane,
  { prefix, count, intent }: { readonly prefix: string; readonly count: number; readonly intent?: object },
): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  const labels = { "ringfence.dev/enforce": "baseline" };
  const annotations = intent === undefined ? {} : { [intentAnnotation]: stringify(intent) };
  const items = names.map((name) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels, annotations },
  }));
  const stdin = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  const result = await plane.kubectl(["create", "-f", "-"], { as: "admin", stdin });
  expect(result.stderr).toBe("");
  return names;
}

/** Names of the policies in each of the namespaces that has any. */
export async function policyNames(plane: ControlPlane): Promise<ReadonlyMap<string, readonly string[]>> {
  const path = "/apis/networking.k8s.io/v1/networkpolicies";
  const { items } = (await plane.api.admin.expect("GET", path)) as {
    items: readonly { readonly metadata: { readonly namespace: string; readonly name: string } }[];
  };
  const found = new Map<string, string[]>();
  for (const { metadata } of items) {
    const names = found.get(metadata.namespace) ?? [];
    found.set(metadata.namespace, [...names, metadata.name].sort());
  }
  return found;
}

/** Waits until each of the namespaces holds exactly these policies. */
export async function untilAllHold(
  plane: ControlPlane,
  expected: ReadonlyMap<string, readonly string[]>,
  timeoutMs = 60_000,
): Promise<void> {
  await until(
    `${expected.size} namespaces with their companions`,
    async () => {
      const found = await policyNames(plane);
      const missing = [...expected].filter(
        ([name, names]) => (found.get(name) ?? []).join() !== names.join(),
      );
      const [first] = missing;
      if (first === undefined) return true;
      const [name, names] = first;
      const holds = (found.get(name) ?? []).join();
      throw new Error(`${missing.length} are not so, ${name} holds ${holds} and not ${names.join()}`);
    },
    { timeoutMs, intervalMs: 200 },
  );
}

/** No two successful writes of an equal object, by whichever replica; returns all writes that were carried out. */
export async function expectNoEqualWrites(plane: ControlPlane): Promise<readonly AuditEvent[]> {
  const events = await plane.audit.events({ resource: "networkpolicies" });
  const equal = equalWrites(events, account);
  expect(equal.map(({ verb, requestURI }) => `${verb} ${requestURI}`)).toEqual([]);
  return events.filter(
    ({ user, responseStatus, requestURI }) =>
      user.username === account && (responseStatus?.code ?? 500) < 300 && !requestURI.includes("dryRun="),
  );
}
