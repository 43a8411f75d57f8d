import type { ObjectMeta } from "./meta.ts";

/** v1 Node, as far as it is read. */
export interface Node {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  spec?: {
    providerID?: string;
    /** Of its pods, where kube-controller-manager or a cloud gives nodes ranges: at most one of each family. */
    podCIDRs?: string[];
  };
  status?: {
    addresses?: { type: string; address: string }[];
    nodeInfo?: {
      kubeletVersion?: string;
      osImage?: string;
      /** `linux` or `windows`. */
      operatingSystem?: string;
    };
  };
}
