import type { Purpose } from "../purpose.ts";
import { typesOf } from "../spec.ts";

/** All pods are isolated in the directions that the intent closes. */
export const defaultDeny: Purpose = {
  pieces({ denied }) {
    const policyTypes = typesOf(denied);
    if (policyTypes.length === 0) return [];
    return [{ purpose: "default-deny", spec: { podSelector: {}, policyTypes, ingress: [], egress: [] } }];
  },
};
