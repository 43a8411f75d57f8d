// The pods that resolve names for the whole cluster are closed to those who ask. It denies only where nobody outside of their own
// namespace is let in: whom an operator leaves out on purpose is told and no more.

import { z } from "zod";
import type { PolicySubject } from "../model/subject.ts";
import type { DnsProfile } from "../network/dns-profile.ts";
import { admittedQueries, resolversIn, type QueriesOf } from "../network/refused-queries.ts";
import { counted } from "./shared/counts.ts";
import { defineRule } from "./shared/define-rule.ts";
import { podNames } from "./shared/pod-words.ts";
import { concerns, isAboutNoPolicy, placeOf } from "./shared/set-place.ts";

export const dnsServerIngressBlocked = defineRule({
  id: "dns-server-ingress-blocked",
  profile: "baseline",
  since: "v1",
  curable: true,
  judges: "set",
  system: true,
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE", "DELETE"],
  needs: ["namespaces", "policies", "workloads", "dns"],
  options: z.strictObject({}),
  docs: {
    title: "Blocked ingress of the DNS server",
    summary: "The pods that serve the cluster's DNS would refuse the queries of other namespaces.",
    why: "Every pod asks them, and where they do not answer nothing in the cluster finds anything. Policies see the port on which they listen, which on some platforms is not 53.",
    remediation: "Add an ingress rule for them that lets everybody in on their DNS ports, over UDP and TCP.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/",
      "https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/",
    ],
  },
  messages: {
    refused: {
      text: "{{where}}the cluster's DNS ({{pods}}) would refuse the queries of all other namespaces.",
      remedy: "Add an ingress rule for them without peers: ports: [{{written}}].",
      warning: "{{where}}{{inShort}} would refuse the DNS queries of all other namespaces",
    },
    some: {
      text: "{{where}}the cluster's DNS ({{pods}}) would answer some namespaces alone, and refuse the queries of {{count}}.",
      remedy: "Add an ingress rule for them without peers: ports: [{{written}}].",
      warning: "{{where}}{{inShort}} would refuse DNS queries from {{count}}",
      advisory: true,
    },
    tcp: {
      text: "{{where}}the cluster's DNS ({{pods}}) would take queries over UDP alone: answers that do not fit into one packet are asked for again over TCP.",
      remedy: "Add the ports over TCP beside those over UDP: ports: [{{written}}].",
      warning: "{{where}}{{inShort}} would refuse DNS queries over TCP",
      advisory: true,
    },
    nodes: {
      text: "{{where}}the cluster's DNS ({{pods}}) would take queries from what selectors match alone; the caches on the nodes ask from addresses of their nodes, which no selector matches.",
      remedy: "Add an ingress rule for them without peers: ports: [{{written}}].",
      warning: "{{where}}{{inShort}} would refuse the queries of the DNS caches on nodes",
      advisory: true,
    },
  },
  check(subject, { view, budget }) {
    const { namespace } = subject;
    const { dns } = view;
    const resolvers = resolversIn(dns, namespace);
    if (resolvers.length === 0 || !(concerns(subject, "ingress") || isAboutNoPolicy(subject))) return [];
    const set = view.policies(namespace);
    const groups = view.workloads(namespace);
    const { namespaces } = view;
    if (set === undefined || groups === undefined || namespaces === undefined) return [];
    const queries = admittedQueries({
      set,
      dueCompanions: view.dueCompanions(namespace),
      groups,
      resolvers,
      selected: (selector) => namespaces.matching(selector).map(({ name }) => name),
      budget,
    });
    const byMessage = Map.groupBy(queries, (one) => faultOf(one, dns));
    return messages.flatMap((message) => {
      const found = byMessage.get(message);
      return found === undefined ? [] : [describe(message, found, subject)];
    });
  },
});

const messages = ["refused", "some", "tcp", "nodes"] as const;

function faultOf({ udp, tcp, addresses }: QueriesOf, dns: DnsProfile): (typeof messages)[number] | undefined {
  if (udp.from === "none") return "refused";
  if (udp.from === "some") return "some";
  if (tcp.from === "none") return "tcp";
  return !addresses && hasCaches(dns) ? "nodes" : undefined;
}

function hasCaches(dns: DnsProfile): boolean {
  return dns.known && dns.resolvers.some(({ nodeLocalAddresses }) => nodeLocalAddresses.length > 0);
}

/** How many pods one message names. */
const named = 3;

function describe<M extends (typeof messages)[number]>(
  message: M,
  found: readonly QueriesOf[],
  subject: PolicySubject,
) {
  const { path, where } = placeOf(subject, "ingress");
  const groups = [...new Set(found.map(({ group }) => group))];
  const ports = [...new Set(found.flatMap((each) => each.ports))].sort((a, b) => a - b);
  const refused = found.map(({ udp }) => (udp.from === "some" ? udp.refusedNamespaces : 0));
  return {
    message,
    path,
    key: message,
    scope: {
      kind: "elements" as const,
      ids: new Set(found.map(({ resolver, group }) => `${resolver.name} ${group.id}`)),
    },
    data: {
      where,
      pods: podNames(groups, named),
      inShort: podNames(groups, 1),
      count: counted(Math.max(0, ...refused), "namespace"),
      written: ports.map((port) => `{port: ${port}, protocol: UDP}, {port: ${port}}`).join(", "),
    },
  };
}
