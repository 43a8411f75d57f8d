import { z } from "zod";
import { readPolicy } from "../network/dialects/kubernetes.ts";
import type { AllowEntry } from "../network/policy.ts";
import { protocols } from "../network/ports.ts";
import type {
  Direction,
  NetworkPolicyEgressRule,
  NetworkPolicyIngressRule,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from "../wire/network-policy.ts";
import { labelSelector } from "./label-selector.ts";
import { cidr } from "./scalars.ts";

/** What no policy and no intent may open more than; a direction that is undefined has no bound. */
export type Ceiling = Readonly<Record<Direction, readonly AllowEntry[] | undefined>>;

const highest = 65_535;
const portNumber = z.int().min(1).max(highest);
const portName = z.string().regex(/^(?=.*[a-z])[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$/, {
  error: "must be the number of a port, or a container port's name",
});

const port: z.ZodType<NetworkPolicyPort> = z
  .strictObject({
    protocol: z.enum(protocols).exactOptional().describe("TCP where it is left out."),
    port: z.union([portNumber, portName]).exactOptional().describe("A number or a container port's name."),
    endPort: portNumber.exactOptional().describe("The last port of a range that begins with port."),
  })
  .superRefine(({ port: first, endPort }, context) => {
    if (endPort !== undefined && !(typeof first === "number" && first <= endPort)) {
      context.addIssue("has an endPort, which needs a port by number that is not above it");
    }
  });

const peer: z.ZodType<NetworkPolicyPeer> = z
  .strictObject({
    podSelector: labelSelector
      .exactOptional()
      .describe("Pods; without namespaceSelector those of the policy's own namespace."),
    namespaceSelector: labelSelector.exactOptional().describe("Namespaces; {} means all."),
    ipBlock: z
      .strictObject({
        cidr: cidr.describe("A range of addresses."),
        except: z.array(cidr).exactOptional().describe("Ranges inside of it that are not meant."),
      })
      .exactOptional()
      .describe("Addresses instead of pods."),
  })
  .superRefine(({ podSelector, namespaceSelector, ipBlock }, context) => {
    const selects = podSelector !== undefined || namespaceSelector !== undefined;
    if (selects === (ipBlock !== undefined)) {
      context.addIssue("must have either podSelector or namespaceSelector, or both, or ipBlock");
    }
  });

const peers = z.array(peer).min(1, { error: "must name a peer; leave it out where all are meant" });
const ports = z
  .array(port)
  .min(1, { error: "must name a port; leave it out where all are meant" })
  .exactOptional()
  .describe("Without them every port.");
const ingressRule: z.ZodType<NetworkPolicyIngressRule> = z.strictObject({
  from: peers.exactOptional().describe("Without it everybody."),
  ports,
});
const egressRule: z.ZodType<NetworkPolicyEgressRule> = z.strictObject({
  to: peers.exactOptional().describe("Without it everybody."),
  ports,
});

/** A ceiling as rules of NetworkPolicies. */
export const ceilingSchema = z.strictObject({
  ingress: z
    .array(ingressRule)
    .exactOptional()
    .describe("Ingress rules. Without the key ingress has no bound; an empty list lets nothing be opened."),
  egress: z
    .array(egressRule)
    .exactOptional()
    .describe("Egress rules. Without the key egress has no bound; an empty list lets nothing be opened."),
});

/** The rules, compiled as those of a policy are. */
export function compiledCeiling({ ingress, egress }: z.output<typeof ceilingSchema>): Ceiling {
  const compiled = readPolicy({
    metadata: {},
    spec: {
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
      ingress: ingress ?? [],
      egress: egress ?? [],
    },
  });
  return {
    ingress: ingress === undefined ? undefined : compiled.ingress,
    egress: egress === undefined ? undefined : compiled.egress,
  };
}
