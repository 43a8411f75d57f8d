import { fromConfigured } from "./from-configured.ts";

/** The ingress controllers reach the pods. */
export const ingressControllers = fromConfigured(
  "allowIngressFromIngress",
  "allow-ingress-controllers",
  (around) => around.ingressControllers,
  "ingress controller",
);
