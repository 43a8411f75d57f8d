import { z } from "zod";
import { cidr, ports } from "../intent/scalars.ts";
import { podsOf, range } from "../intent/spec.ts";
import type { IntentSettings } from "../model/settings.ts";
import { labelKey, labelValue, namespaceName } from "../document/kubernetes-names.ts";

const podsAt = z.strictObject({
  namespace: namespaceName.describe("Their namespace."),
  pods: z
    .record(labelKey, labelValue)
    .optional()
    .describe("Labels that select them; they may have more. Without them: all pods of the namespace."),
});

const proxy = z
  .strictObject({
    pods: z.array(podsAt).default([]).describe("Pods of a proxy inside of the cluster."),
    ranges: z.array(cidr).default([]).describe("Addresses of one outside."),
    ports: ports.describe("The ports on which it takes requests, such as 3128/TCP."),
  })
  .refine(({ pods, ranges }) => pods.length + ranges.length > 0, {
    error: "must name pods or ranges",
  });

/** The section `intents`. */
export const intents = z
  .strictObject({
    prometheus: z
      .array(podsAt)
      .default([])
      .describe("The pods that scrape metrics: what allowMonitoring lets in."),
    egressProxy: proxy
      .optional()
      .describe("The way to the internet of namespaces whose intent says egressProxy."),
  })
  .prefault({})
  .describe(
    "Whom the intents of namespaces mean; ingressControllers and apiServer have sections of their own.",
  );

/** The parsed section as the rest of the program sees it. */
export function intentSettings({ prometheus, egressProxy }: z.output<typeof intents>): IntentSettings {
  const peer = ({ namespace, pods }: z.output<typeof podsAt>) => podsOf(namespace, pods);
  return {
    prometheus: prometheus.map(peer),
    proxy: {
      peers: [
        ...(egressProxy?.pods ?? []).map(peer),
        ...(egressProxy?.ranges ?? []).map((each) => range(each, undefined)),
      ],
      ports: egressProxy?.ports ?? [],
    },
  };
}
