import type { NetworkPolicy } from "../wire/network-policy.ts";
import type { KubernetesClient } from "./client.ts";
import { resourcePath } from "./resources.ts";
import { applyPatch, type KubernetesWriter } from "./writer.ts";

/** Under whose name the API server notes which fields are whose. */
const fieldManager = "ringfence";

/** NetworkPolicies, written one by one. Each method throws as `KubernetesWriter.send` does. */
export interface PolicyRequests {
  /** Fails with 409 where one of that name is there: server-side apply would take it over. */
  create(policy: NetworkPolicy, signal: AbortSignal): Promise<NetworkPolicy>;
  /** Server-side apply, with force, of all that the policy states. Fails with 409 where the version is not this one. */
  apply(policy: NetworkPolicy, onto: ObjectVersion, signal: AbortSignal): Promise<NetworkPolicy>;
  /** Fails with 409 where the resourceVersion in its metadata is not the stored one. */
  replace(policy: NetworkPolicy, signal: AbortSignal): Promise<NetworkPolicy>;
  /** The policy as it stands until its finalizers are gone; undefined where it is gone at once. */
  remove(
    namespace: string,
    name: string,
    version: ObjectVersion,
    signal: AbortSignal,
  ): Promise<NetworkPolicy | undefined>;
  read(namespace: string, name: string, signal: AbortSignal): Promise<NetworkPolicy>;
}

export interface ObjectVersion {
  readonly uid: string;
  readonly resourceVersion: string;
}

export interface PolicyRequestOptions {
  readonly writer: Pick<KubernetesWriter, "send">;
  readonly client: Pick<KubernetesClient, "get">;
}

export function policyRequests({ writer, client }: PolicyRequestOptions): PolicyRequests {
  const send = async (
    request: Parameters<KubernetesWriter["send"]>[0],
    signal: AbortSignal,
  ): Promise<NetworkPolicy> => (await writer.send(request, signal)) as NetworkPolicy;
  const query = { fieldManager };
  return {
    create: (policy, signal) =>
      send(
        {
          method: "POST",
          path: resourcePath("networkpolicies", policy.metadata.namespace),
          query,
          body: policy,
        },
        signal,
      ),
    apply: (policy, { uid, resourceVersion }, signal) =>
      send(
        {
          method: "PATCH",
          path: pathOf(policy),
          query: { ...query, force: "true" },
          contentType: applyPatch,
          body: { ...policy, metadata: { ...policy.metadata, uid, resourceVersion } },
        },
        signal,
      ),
    replace: (policy, signal) => send({ method: "PUT", path: pathOf(policy), query, body: policy }, signal),
    async remove(namespace, name, { uid, resourceVersion }, signal) {
      const body = {
        apiVersion: "v1",
        kind: "DeleteOptions",
        preconditions: { uid, resourceVersion },
      };
      const path = pathOf({ metadata: { namespace, name } });
      const answer = await send({ method: "DELETE", path, body }, signal);
      // A Status says that it is gone.
      return answer.kind === "NetworkPolicy" ? answer : undefined;
    },
    read: async (namespace, name, signal) =>
      (await client.get(pathOf({ metadata: { namespace, name } }), signal)) as NetworkPolicy,
  };
}

function pathOf({ metadata: { namespace, name = "" } }: Pick<NetworkPolicy, "metadata">): string {
  return `${resourcePath("networkpolicies", namespace)}/${encodeURIComponent(name)}`;
}
