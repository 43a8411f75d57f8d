import type { ObjectMeta } from "./meta.ts";

/** v1 Service. */
export interface Service {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  spec?: {
    type?: string;
    /** `Cluster` where absent, of Services that are reached from outside. */
    externalTrafficPolicy?: string;
    clusterIP?: string;
    clusterIPs?: string[];
    selector?: Record<string, string>;
    ports?: { name?: string; protocol?: string; port: number; targetPort?: number | string }[];
  };
}
