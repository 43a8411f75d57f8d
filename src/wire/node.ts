import type { ObjectMeta } from "./meta.ts";

/** v1 Node, as far as it is read. */
export interface Node {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  spec?: { providerID?: string };
  status?: {
    nodeInfo?: {
      kubeletVersion?: string;
      osImage?: string;
      /** `linux` or `windows`. */
      operatingSystem?: string;
    };
  };
}
