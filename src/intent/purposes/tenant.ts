import type { Purpose } from "../purpose.ts";
import { bothWays } from "./both-ways.ts";

/** Namespaces with the same value of the tenant's label reach each other. */
export const tenant: Purpose = {
  pieces({ intent: { tenant: key }, around, denied }) {
    const value = key === undefined ? undefined : around.namespace.labels.get(key);
    if (key === undefined || value === undefined) return [];
    return bothWays("allow-tenant", { namespaceSelector: { matchLabels: { [key]: value } } }, denied);
  },
  unmet({ intent: { tenant: key }, around }) {
    if (key === undefined || around.namespace.labels.has(key)) return [];
    return [{ key: "tenant", why: `the namespace has no label ${key}` }];
  },
};
