import type { ObjectMeta } from "./meta.ts";

/** v1 Pod: what network policies depend on. */
export interface Pod {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  spec?: PodSpec;
  status?: {
    phase?: string;
    podIP?: string;
    podIPs?: { ip: string }[];
    hostIP?: string;
  };
}

export interface PodSpec {
  hostNetwork?: boolean;
  dnsPolicy?: string;
  nodeName?: string;
  serviceAccountName?: string;
  /** Absent: as the account says, and if that says nothing, true. */
  automountServiceAccountToken?: boolean;
  /** Kubernetes adds one with a token where that is mounted. */
  volumes?: { projected?: { sources?: { serviceAccountToken?: { audience?: string } }[] | null } }[] | null;
  containers?: Container[];
  /** Sidecars (restartPolicy Always) may serve ports as well. */
  initContainers?: Container[];
}

export interface Container {
  name?: string;
  image?: string;
  command?: string[];
  args?: string[];
  /** Those with `valueFrom` have no value here. */
  env?: { name: string; value?: string }[];
  restartPolicy?: string;
  ports?: { name?: string; containerPort: number; protocol?: string }[];
}

export interface PodTemplate {
  metadata?: ObjectMeta;
  spec?: PodSpec;
}
