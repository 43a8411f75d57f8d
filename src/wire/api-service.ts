import type { ObjectMeta } from "./meta.ts";

/** apiregistration.k8s.io/v1 APIService: who serves a version of an API group. */
export interface ApiService {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  /** Without a Service the API server serves it itself. */
  spec?: { service?: { namespace: string; name: string; port?: number } | null };
}
