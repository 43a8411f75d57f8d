import type { ObjectMeta } from "./meta.ts";

/** coordination.k8s.io/v1 Lease, as far as an election needs it; times are RFC 3339 with six digits of a second. */
export interface Lease {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: LeaseSpec;
}

export interface LeaseSpec {
  /** Empty: nobody's. */
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}
