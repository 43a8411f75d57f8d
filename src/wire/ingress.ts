import type { ObjectMeta } from "./meta.ts";

/** networking.k8s.io/v1 Ingress: to which Services it sends. */
export interface Ingress {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  spec?: {
    ingressClassName?: string;
    defaultBackend?: IngressBackend;
    rules?: { host?: string; http?: { paths?: { backend?: IngressBackend }[] } }[] | null;
  };
}

export interface IngressBackend {
  /** Absent: the backend is a resource of another kind. */
  service?: { name: string; port?: { name?: string; number?: number } };
}
