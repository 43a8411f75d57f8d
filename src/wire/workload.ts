import type { ObjectMeta } from "./meta.ts";
import type { PodTemplate } from "./pod.ts";

/** Deployment, StatefulSet, DaemonSet, ReplicaSet or Job: kinds with one pod template at spec.template. */
export interface Workload {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  spec?: { replicas?: number; template?: PodTemplate };
  status?: WorkloadStatus;
}

/** How far the controllers are, each kind with counts of its own; a count of zero is left out by some. */
interface WorkloadStatus {
  conditions?: { type: string; status: string }[];
  /** The generation that the counts belong to; absent until the controller has looked at the object. */
  observedGeneration?: number;
  /** DaemonSet: nodes that should have a pod, and those whose pod is ready. */
  desiredNumberScheduled?: number;
  numberReady?: number;
  /** Deployment: pods that are ready. */
  readyReplicas?: number;
}

/** batch/v1 CronJob: the template stands one level deeper. */
export interface CronJob {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  spec?: { jobTemplate?: { spec?: { template?: PodTemplate } } };
}
