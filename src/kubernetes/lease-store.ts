import type { Lease } from "../wire/lease.ts";
import { ApiError } from "./api-error.ts";
import type { KubernetesClient } from "./client.ts";
import type { KubernetesWriter } from "./writer.ts";

/** One Lease, wherever it is kept. Each method throws as the client's do. */
export interface LeaseStore {
  /** Undefined: it does not exist. */
  read(signal: AbortSignal): Promise<Lease | undefined>;
  create(spec: Lease["spec"], signal: AbortSignal): Promise<Lease>;
  /** Refused with 409 where the lease has changed since it had this resourceVersion. */
  replace(lease: Lease, signal: AbortSignal): Promise<Lease>;
}

/** The Lease of this name at the API server; read from etcd and not from a cache. */
export function leaseStore(
  client: Pick<KubernetesClient, "get">,
  writer: Pick<KubernetesWriter, "send">,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): LeaseStore {
  const all = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
  const path = `${all}/${encodeURIComponent(name)}`;
  return {
    read: async (signal) => {
      try {
        return (await client.get(path, signal)) as Lease;
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return undefined;
        throw error;
      }
    },
    create: async (spec, signal) => {
      const body = {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { name, namespace },
        spec,
      };
      return (await writer.send({ method: "POST", path: all, body }, signal)) as Lease;
    },
    replace: async (lease, signal) =>
      (await writer.send({ method: "PUT", path, body: lease }, signal)) as Lease,
  };
}
