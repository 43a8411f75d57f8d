import { z } from "zod";
import { labelKey, namespaceName } from "../document/kubernetes-names.ts";
import { contains, parseCidr } from "../network/cidr.ts";
import { atMost, cidr, numberedPorts, podLabels, ports } from "./scalars.ts";

const ourPods = podLabels.optional().describe("The pods of this namespace that are meant; without it all.");
const theirPods = podLabels.optional().describe("Labels of the pods there; without them all.");
const onPorts = ports.optional().describe("Ports such as 8080/TCP or metrics; without them all.");

/** `true` is the plain form, `false` the same as leaving the key out; `example` is of the long one. */
const flagOr = <T extends z.ZodType>(details: T, example: string) =>
  z.preprocess((value, context) => {
    if (typeof value === "boolean") return value ? {} : undefined;
    if (isMapping(value)) return value;
    context.addIssue(`must be true, false or a mapping such as ${example}`);
    return z.NEVER;
  }, details.optional());

/** What no short form is: left to the schema, which says what is wrong with it. */
function isMapping(value: unknown): boolean {
  return value === undefined || (typeof value === "object" && value !== null && !Array.isArray(value));
}

/** A list of which each item may be written as its first field alone. */
const listOf = <T extends z.ZodType>(field: string, item: T) =>
  atMost(
    z.array(z.preprocess((value) => (typeof value === "string" ? { [field]: value } : value), item)),
  ).default([]);

const towards = z.strictObject({ to: ourPods, ports: onPorts });
const away = z.strictObject({ from: ourPods });

const fromNamespace = z.strictObject({
  namespace: namespaceName.describe("The namespace from which connections come."),
  pods: theirPods,
  to: ourPods,
  ports: onPorts,
});
const toNamespace = z.strictObject({
  namespace: namespaceName.describe("The namespace to which connections go."),
  pods: theirPods,
  from: ourPods,
  ports: onPorts,
});
const except = atMost(z.array(cidr)).optional().describe("Ranges inside of it that are not meant.");
const fromCidr = z
  .strictObject({
    cidr: cidr.describe("The addresses from which connections come."),
    except,
    to: ourPods,
    ports: onPorts,
  })
  .superRefine(checkExcept);
const toCidr = z
  .strictObject({
    cidr: cidr.describe("The addresses to which connections go."),
    except,
    from: ourPods,
    ports: numberedPorts.optional().describe("Ports by number, such as 5432/TCP; without them all."),
  })
  .superRefine(checkExcept);

interface Excepting {
  readonly cidr: string;
  readonly except?: readonly string[] | undefined;
}

/** As kube-apiserver demands it of an ipBlock. */
function checkExcept({ cidr: whole, except: parts = [] }: Excepting, context: z.RefinementCtx): void {
  const outer = parseCidr(whole);
  for (const [index, text] of parts.entries()) {
    const inner = parseCidr(text);
    if (outer === undefined || inner === undefined) continue;
    if (contains(outer, inner) && inner.prefix > outer.prefix) continue;
    const message = `does not lie within ${whole}, or is all of it; leave it out or correct one of them`;
    context.addIssue({ code: "custom", path: ["except", index], message });
  }
}

/** Pods of this namespace by their labels, or, with `namespace`, of another; `{ pods }` alone are those of this one as well. */
const end = z.preprocess(
  (value, context) => {
    if (!isMapping(value)) {
      context.addIssue("must be labels of pods such as { app: backend }, or { namespace, pods }");
      return z.NEVER;
    }
    if (typeof value !== "object" || value === null || "namespace" in value) return value;
    return "pods" in value && typeof value.pods === "object" ? value : { pods: value };
  },
  z.strictObject({
    namespace: namespaceName.optional().describe("Another namespace; without it this one."),
    pods: podLabels.optional().describe("Labels of the pods; in another namespace without them all."),
  }),
);
const connection = z.strictObject({
  from: end.describe("Pods of this namespace by their labels, or {namespace, pods}."),
  to: end.describe("Pods of this namespace by their labels, or {namespace, pods}."),
  ports: onPorts,
});

const directions = z.strictObject({
  ingress: z.boolean().default(false).describe("What nothing allows may not come in."),
  egress: z.boolean().default(false).describe("What nothing allows may not go out."),
});

/** The keys of an intent, each by itself. */
export const intentKeys = z.strictObject({
  denyAll: z
    .preprocess((value, context) => {
      if (typeof value === "boolean") return { ingress: value, egress: value };
      if (isMapping(value)) return value;
      context.addIssue("must be true, false or a mapping such as {ingress: true}");
      return z.NEVER;
    }, directions)
    .optional()
    .describe("What nothing allows is closed, for all pods: true, or {ingress: true}."),
  allowDNS: z
    .boolean()
    .optional()
    .describe("Whether pods may ask the cluster's DNS; they may unless this is false."),
  allowIntraNamespace: z.boolean().default(false).describe("Pods of the namespace reach each other."),
  allowIngressFromIngress: flagOr(towards, "{to: {app: web}}").describe(
    "The configured ingress controllers reach the pods: true, or {to, ports}.",
  ),
  allowMonitoring: flagOr(towards, "{ports: [metrics]}").describe(
    "The configured Prometheus reaches the pods: true, or {to, ports}.",
  ),
  allowEgressToNamespaces: listOf("namespace", toNamespace).describe(
    "Namespaces, or {namespace, pods, from, ports}.",
  ),
  allowIngressFromNamespaces: listOf("namespace", fromNamespace).describe(
    "Namespaces, or {namespace, pods, to, ports}.",
  ),
  allowIngressFromCIDRs: listOf("cidr", fromCidr).describe(
    "Ranges of addresses, or {cidr, except, to, ports}.",
  ),
  allowEgressToCIDRs: listOf("cidr", toCidr).describe("Ranges of addresses, or {cidr, except, from, ports}."),
  allowKubeAPI: flagOr(away, "{from: {app: operator}}").describe(
    "Pods reach the API server: true, or {from}.",
  ),
  egressProxy: flagOr(away, "{from: {app: web}}").describe(
    "The internet is reached through the configured proxy alone: true, or {from}.",
  ),
  tenant: labelKey
    .optional()
    .describe("A protected namespace label: namespaces with the same value of it reach each other."),
  connections: atMost(z.array(connection))
    .default([])
    .describe("Who connects to whom: {from, to, ports}; both sides inside of the namespace are opened."),
});

/** An intent as it is used: short forms written out, every list there. */
export type Intent = z.output<typeof intentKeys>;
export type Connection = Intent["connections"][number];
export type ConnectionEnd = Connection["from"];
