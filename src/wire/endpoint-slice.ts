import type { ObjectMeta } from "./meta.ts";

/** discovery.k8s.io/v1 EndpointSlice. The label kubernetes.io/service-name names its Service. */
export interface EndpointSlice {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  addressType?: string;
  endpoints?: Endpoint[] | null;
  ports?: { name?: string; protocol?: string; port?: number }[] | null;
}

export interface Endpoint {
  addresses: string[];
  /** `ready` absent means ready (API comment of EndpointConditions). */
  conditions?: { ready?: boolean; serving?: boolean; terminating?: boolean };
  nodeName?: string;
  targetRef?: { kind?: string; namespace?: string; name?: string; uid?: string };
}
