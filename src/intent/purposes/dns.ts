import type { Purpose } from "../purpose.ts";
import { egressSpec } from "../spec.ts";

/** The purpose of what opens DNS; on demand, for some pods alone, what tells them comes behind it. */
export const dnsPurpose = "allow-dns";

/** Pods whose egress is closed may ask the cluster's DNS. */
export const dns: Purpose = {
  pieces({ intent, denied, around }) {
    if (!denied.egress || intent.allowDNS === false) return [];
    if (around.dns === undefined || around.dns === "elsewhere") return [];
    return [{ purpose: dnsPurpose, spec: egressSpec(undefined, [around.dns]) }];
  },
};
