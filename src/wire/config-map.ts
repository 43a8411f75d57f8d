import type { ObjectMeta } from "./meta.ts";

/** v1 ConfigMap. */
export interface ConfigMap {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  data?: Record<string, string> | null;
}
