import type { ObjectMeta } from "./meta.ts";

/** networking.k8s.io/v1 ServiceCIDR: a range of the addresses of Services; from Kubernetes 1.33. */
export interface ServiceCidr {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  /** At most one range of each family. */
  spec?: { cidrs?: string[] };
}
