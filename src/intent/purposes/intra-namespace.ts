import type { Purpose } from "../purpose.ts";
import { bothWays } from "./both-ways.ts";

/** Pods of the namespace reach each other. */
export const intraNamespace: Purpose = {
  pieces({ intent, denied }) {
    if (!intent.allowIntraNamespace) return [];
    return bothWays("allow-intra-namespace", { podSelector: {} }, denied);
  },
};
