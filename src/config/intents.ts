import { z } from "zod";
import { cidr, ports } from "../intent/scalars.ts";
import { compiledSelector } from "../intent/label-selector.ts";
import { longestIntent } from "../intent/read.ts";
import { intentSchema } from "../intent/schema.ts";
import { podsOf, range } from "../intent/spec.ts";
import { textOfIntent } from "../intent/written.ts";
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

const defaultIntent = z.strictObject({
  namespaces: compiledSelector("namespaces").describe(
    "The namespaces whose it is: a label selector; {} means all.",
  ),
  intent: intentSchema
    .refine((intent) => textOfIntent(intent).length <= longestIntent, {
      error: `is longer than the annotation that is made of it may be: ${longestIntent} characters`,
    })
    .describe("What they need: the keys of the annotation ringfence.dev/network-policies."),
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
    required: z
      .boolean()
      .default(false)
      .describe("Whether a namespace that enforces a profile must have an intent, its own or a default one."),
    defaults: z
      .array(defaultIntent)
      .default([])
      .describe(
        "Intents of namespaces that enforce a profile and declare none; of several that match the first is taken.",
      ),
  })
  .prefault({})
  .describe(
    "Whom the intents of namespaces mean; ingressControllers and apiServer have sections of their own.",
  );

/** The parsed section as the rest of the program sees it. */
export function intentSettings(section: z.output<typeof intents>): IntentSettings {
  const { prometheus, egressProxy, required, defaults } = section;
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
    required,
    defaults: defaults.map(({ namespaces, intent }) => ({ namespaces, intent, text: textOfIntent(intent) })),
  };
}
