import { z } from "zod";
import type { ConfiguredIngressController } from "../model/settings.ts";
import { labelKey, labelValue, namespaceName } from "../document/kubernetes-names.ts";

const controller = z
  .strictObject({
    namespace: namespaceName.describe("The namespace of its pods, such as ingress-nginx."),
    pods: z
      .record(labelKey, labelValue)
      .default({})
      .describe("Labels that select its pods; they may have more. Without them: all pods of the namespace."),
    routes: z
      .array(z.enum(["Ingress", "HTTPRoute"]))
      .min(1, { error: "must name a kind" })
      .default(["Ingress", "HTTPRoute"])
      .describe("The kinds of routes that it serves."),
    ingressClasses: z
      .array(z.string().min(1, { error: "must not be empty" }))
      .default([])
      .describe("The classes of the Ingresses that it serves. Without them: all Ingresses."),
  })
  .refine(({ routes, ingressClasses }) => ingressClasses.length === 0 || routes.includes("Ingress"), {
    error: "names ingressClasses and serves no Ingress",
  });

/** The section `ingressControllers`. */
export const ingressControllers = z
  .array(controller)
  .default([])
  .describe(
    "What brings requests from outside to the pods behind Ingresses and HTTPRoutes. The rule route-backend-blocked speaks of these alone.",
  );

/** The parsed section as the rest of the program sees it. */
export function ingressControllerSettings(
  section: z.output<typeof ingressControllers>,
): readonly ConfiguredIngressController[] {
  return section.map(({ namespace, pods, routes, ingressClasses }) => ({
    namespace,
    pods,
    routes: new Set(routes),
    ingressClasses: new Set(ingressClasses),
  }));
}
