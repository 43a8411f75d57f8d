import type { Purpose } from "../purpose.ts";
import { egressSpec } from "../spec.ts";

/** Pods whose egress is closed may ask the cluster's DNS. */
export const dns: Purpose = {
  pieces({ intent, denied, around }) {
    if (!denied.egress || intent.allowDNS === false) return [];
    if (around.dns === undefined || around.dns === "elsewhere") return [];
    return [{ purpose: "allow-dns", spec: egressSpec(undefined, [around.dns]) }];
  },
};
