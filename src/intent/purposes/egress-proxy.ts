import { toConfigured } from "./to-configured.ts";

/** Pods reach the proxy, and through it the internet. */
export const egressProxy = toConfigured(
  "egressProxy",
  "allow-egress-proxy",
  (around) => around.proxy,
  "configuration names no proxy",
);
