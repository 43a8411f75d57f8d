import { z } from "zod";
import type { ConfiguredDns, DnsPort } from "../model/settings.ts";
import { labelKey, labelValue, namespaceName } from "../document/kubernetes-names.ts";
import { address, dnsPort } from "./scalars.ts";

const resolver = z
  .strictObject({
    namespace: namespaceName
      .optional()
      .describe("The namespace of the pods that answer, such as openshift-dns."),
    pods: z
      .record(labelKey, labelValue)
      .refine((labels) => Object.keys(labels).length > 0, { error: "must name a label" })
      .optional()
      .describe("Labels that select them; they may have more."),
    clusterIPs: z
      .array(address)
      .default([])
      .describe("The addresses of the Service before them; a policy may open these instead of the pods."),
    nodeLocalAddresses: z
      .array(address)
      .default([])
      .describe(
        "The addresses of a cache on every node that answers for them, such as 169.254.20.10 of NodeLocal DNSCache.",
      ),
    addresses: z
      .array(address)
      .min(1, { error: "must name an address" })
      .optional()
      .describe(
        "Instead of namespace and pods: a resolver that no selector matches, such as 169.254.169.254 of GKE Cloud DNS.",
      ),
    ports: z
      .array(dnsPort)
      .min(1, { error: "must name a port" })
      .default(["53"])
      .describe(
        "The ports on which pods or addresses answer, not those of a Service: 53 (UDP and TCP), 53/UDP, 5353/TCP.",
      ),
  })
  .superRefine(({ namespace, pods, addresses, clusterIPs, nodeLocalAddresses }, context) => {
    const withPods = namespace !== undefined || pods !== undefined;
    if (
      withPods === (addresses !== undefined) ||
      (withPods && (namespace === undefined || pods === undefined))
    ) {
      context.addIssue("must have either namespace and pods, or addresses");
    } else if (!withPods && clusterIPs.length + nodeLocalAddresses.length > 0) {
      context.addIssue(
        "clusterIPs and nodeLocalAddresses go with namespace and pods; put them under addresses",
      );
    }
  });

/** The section `dns`. */
export const dns = z
  .strictObject({
    resolvers: z
      .array(resolver)
      .min(1, { error: "must name a resolver; to have them detected leave out dns" })
      .describe("Where the pods of this cluster resolve names."),
  })
  .optional()
  .describe("The DNS of this cluster, in place of what is detected; ringfence doctor dns shows that.");

/** The parsed section as the rest of the program sees it. */
export function dnsSettings(
  section: z.output<typeof dns>,
): { resolvers: readonly ConfiguredDns[] } | undefined {
  if (section === undefined) return undefined;
  const resolvers = section.resolvers.map(
    ({ namespace, pods, addresses = [], ports, ...rest }): ConfiguredDns => {
      const opened = ports.flatMap(parsePort);
      return namespace === undefined || pods === undefined
        ? { kind: "addresses", addresses, ports: opened }
        : { kind: "pods", namespace, pods, ports: opened, ...rest };
    },
  );
  return { resolvers };
}

function parsePort(text: string): readonly DnsPort[] {
  const port = Number.parseInt(text, 10);
  const protocols = (["UDP", "TCP"] as const).filter((one) => !text.includes("/") || text.endsWith(one));
  return protocols.map((protocol) => ({ port, protocol }));
}
