import { z } from "zod";
import type { DnsPort, DnsResolver } from "../model/settings.ts";
import { address, dnsPort, labelKey, labelValue, serviceReference } from "./scalars.ts";

const resolver = z
  .strictObject({
    service: serviceReference
      .optional()
      .describe("namespace/name of the Service that pods ask, such as openshift-dns/dns-default."),
    pods: z
      .record(labelKey, labelValue)
      .refine((labels) => Object.keys(labels).length > 0, { error: "must name a label" })
      .optional()
      .describe("With service: labels of the pods behind it. Without it the Service's selector is read."),
    addresses: z
      .array(address)
      .min(1, { error: "must name an address" })
      .optional()
      .describe(
        "Instead of service: addresses that no selector matches, such as 169.254.20.10 of NodeLocal DNSCache.",
      ),
    ports: z
      .array(dnsPort)
      .min(1, { error: "must name a port" })
      .optional()
      .describe(
        "Ports of the pods or addresses, not of the Service: 53 (UDP and TCP), 53/UDP, 5353/TCP. With service: read from its endpoints; with addresses: 53.",
      ),
  })
  .refine(({ service, addresses }) => (service === undefined) !== (addresses === undefined), {
    error: "must have either service or addresses",
  })
  .refine(({ pods, addresses }) => pods === undefined || addresses === undefined, {
    error: "pods go with service, not with addresses",
    path: ["pods"],
  });

/** The section `dns`. */
export const dns = z
  .strictObject({
    resolvers: z
      .array(resolver)
      .min(1, { error: "must name a resolver, or be left out" })
      .prefault([{ service: "kube-system/kube-dns" }])
      .describe("Where the pods of this cluster resolve names."),
  })
  .prefault({})
  .describe("The DNS of this cluster, where it is not the Service kube-system/kube-dns.");

/** The parsed section as the rest of the program sees it. */
export function dnsSettings({ resolvers }: z.output<typeof dns>): { resolvers: readonly DnsResolver[] } {
  return {
    resolvers: resolvers.map(({ service, pods, addresses, ports }) => {
      if (service === undefined) {
        return { kind: "addresses", addresses: addresses ?? [], ports: (ports ?? ["53"]).flatMap(parsePort) };
      }
      const slash = service.indexOf("/");
      return {
        kind: "service",
        namespace: service.slice(0, slash),
        name: service.slice(slash + 1),
        ...(pods === undefined ? {} : { pods }),
        ...(ports === undefined ? {} : { ports: ports.flatMap(parsePort) }),
      };
    }),
  };
}

function parsePort(text: string): readonly DnsPort[] {
  const port = Number.parseInt(text, 10);
  const protocols = text.endsWith("/UDP")
    ? (["UDP"] as const)
    : text.endsWith("/TCP")
      ? (["TCP"] as const)
      : (["UDP", "TCP"] as const);
  return protocols.map((protocol) => ({ port, protocol }));
}
