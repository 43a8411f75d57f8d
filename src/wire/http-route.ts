import type { ObjectMeta } from "./meta.ts";

/** gateway.networking.k8s.io HTTPRoute, of v1 and v1beta1 alike: to which Services it sends. */
export interface HttpRoute {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  spec?: { rules?: { backendRefs?: HttpBackendRef[] | null }[] | null };
}

export interface HttpBackendRef {
  /** Empty, as where absent: the core group. */
  group?: string;
  /** Service where absent. */
  kind?: string;
  name: string;
  /** The route's own where absent. */
  namespace?: string;
  port?: number;
  /** One where absent; what weighs nothing gets nothing. */
  weight?: number;
}
