import { toConfigured } from "./to-configured.ts";

/** Pods reach the API server. */
export const kubeAPI = toConfigured(
  "allowKubeAPI",
  "allow-kube-api",
  (around) => around.kubeAPI,
  "the addresses of the API server are not known",
);
