import type { ObjectMeta } from "./meta.ts";
import type { PodTemplate } from "./pod.ts";

/** Deployment, StatefulSet, DaemonSet, ReplicaSet or Job: kinds with one pod template at spec.template. */
export interface Workload {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  spec?: { replicas?: number; template?: PodTemplate };
  status?: { conditions?: { type: string; status: string }[] };
}

/** batch/v1 CronJob: the template stands one level deeper. */
export interface CronJob {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  spec?: { jobTemplate?: { spec?: { template?: PodTemplate } } };
}
