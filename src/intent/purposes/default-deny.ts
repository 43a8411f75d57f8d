import type { Purpose } from "../purpose.ts";
import { typesOf } from "../spec.ts";

/** The purpose of what isolates all pods. */
export const denyPurpose = "default-deny";

/** All pods are isolated in the directions that the intent closes. */
export const defaultDeny: Purpose = {
  pieces({ denied }) {
    const policyTypes = typesOf(denied);
    if (policyTypes.length === 0) return [];
    return [{ purpose: denyPurpose, spec: { podSelector: {}, policyTypes, ingress: [], egress: [] } }];
  },
};
