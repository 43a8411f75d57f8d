import { fromConfigured } from "./from-configured.ts";

/** Prometheus reaches the pods. */
export const monitoring = fromConfigured(
  "allowMonitoring",
  "allow-monitoring",
  (around) => around.prometheus,
  "Prometheus",
);
