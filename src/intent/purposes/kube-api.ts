import { toConfigured } from "./to-configured.ts";

export const kubeApiPurpose = "allow-kube-api";

/** Pods reach the API server. */
export const kubeAPI = toConfigured(
  "allowKubeAPI",
  kubeApiPurpose,
  (around) => around.kubeAPI,
  "the addresses of the API server are not known (configuration: apiServer)",
);
