// Pods that run as a service account of their own, with its token mounted, and whose egress is closed to the API server:
// operators and controllers, which then stop. Pods of the account `default` do not count: each gets its token, and few use it.

import { z } from "zod";
import type { RuleContext } from "../model/rule.ts";
import type { PolicySubject } from "../model/subject.ts";
import { endpointTexts, opensEndpoint, type ApiServer } from "../network/api-server.ts";
import { listed } from "../network/listed.ts";
import type { CompiledPolicy } from "../network/policy.ts";
import { isolating } from "../network/policy-set.ts";
import { SelectorIndex } from "../network/selector-index.ts";
import { obeysPolicies, type WorkloadGroup } from "../network/workloads.ts";
import { defineRule } from "./shared/define-rule.ts";
import { podNames } from "./shared/pod-words.ts";
import { concerns, placeOf } from "./shared/set-place.ts";

export const apiServerEgressBlocked = defineRule({
  id: "api-server-egress-blocked",
  profile: "advisory",
  since: "v1",
  curable: true,
  judges: "set",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE", "DELETE"],
  needs: ["policies", "workloads", "apiServer"],
  options: z.strictObject({}),
  docs: {
    title: "API server out of reach",
    summary:
      "Pods that run as a service account of their own, with its token mounted, may not reach the API server.",
    why: "Operators, controllers and whatever watches the cluster stop without it. The API server is no pod: no selector matches it, and behind its Service it listens on another port.",
    remediation:
      "Allow egress to the addresses and the port behind the Service kubernetes; where the pods do not call the API server, set automountServiceAccountToken: false.",
    references: [
      "https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/",
      "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting",
    ],
  },
  messages: {
    blocked: {
      text: "{{where}}{{pods}} ({{account}}, token mounted) may not reach the API server at {{endpoints}}.",
      remedy:
        "Add an egress rule for them: to: [{{peers}}], ports: [{{ports}}]; or set automountServiceAccountToken: false where they do not call it.",
      warning: "{{where}}{{inShort}} may not reach the API server ({{first}})",
    },
    servicePort: {
      text: "{{where}}{{pods}} ({{account}}, token mounted) may not reach the API server: what is opened is the Service kubernetes on {{servicePorts}}, and behind it, where most network plugins look, it is at {{endpoints}}.",
      remedy:
        "Add an egress rule for them: to: [{{peers}}], ports: [{{ports}}]; or set automountServiceAccountToken: false where they do not call it.",
      warning: "{{where}}{{inShort}}: API server is at {{first}}, not on {{servicePorts}}",
    },
  },
  check(subject, { view, budget }) {
    const { namespace } = subject;
    if (!concerns(subject, "egress")) return [];
    const callers = (view.workloads(namespace) ?? []).filter(mayCall);
    const { apiServer } = view;
    const set = view.policies(namespace);
    if (callers.length === 0 || apiServer === undefined || set === undefined) return [];
    const closing = isolating(set, "egress");
    if (closing.length === 0) return [];
    const all = [...set.policies, ...view.dueCompanions(namespace)];
    const opening = openers(all, apiServer, seesService(view.cni));
    const closed = bySubject(closing);
    const opened = bySubject(opening.sure);
    const blocked = callers.filter(
      ({ labels }) =>
        closed.matching(labels, budget).length > 0 && opened.matching(labels, budget).length === 0,
    );
    if (blocked.length === 0) return [];
    const service = bySubject(opening.service);
    const reachesService = ({ labels }: WorkloadGroup) => service.matching(labels, budget).length > 0;
    const inService = blocked.filter(reachesService);
    const nowhere = blocked.filter((group) => !reachesService(group));
    return [
      ...(nowhere.length === 0 ? [] : [describe("blocked", nowhere, apiServer, subject)]),
      ...(inService.length === 0 ? [] : [describe("servicePort", inService, apiServer, subject)]),
    ];
  },
});

function mayCall(group: WorkloadGroup): boolean {
  return group.apiAccount !== undefined && obeysPolicies(group);
}

/** Plugins that hold policies against the Service's address as well, before it is translated. */
const beforeTranslation: ReadonlySet<string> = new Set(["aws-vpc-cni", "kube-router", "k3s"]);

/** Whether the plugin looks at the Service's address, or may: then to open that is enough. */
function seesService(cni: RuleContext<unknown>["view"]["cni"]): boolean {
  return cni?.verdict !== "enforced" || cni.plugins.some(({ id }) => beforeTranslation.has(id));
}

/** The policies that open the API server, and those that open only its Service. */
function openers(
  policies: readonly CompiledPolicy[],
  { endpoints, service }: ApiServer,
  serviceCounts: boolean,
): Readonly<Record<"sure" | "service", readonly CompiledPolicy[]>> {
  const opens = ({ egress }: CompiledPolicy, where: ApiServer["endpoints"]): boolean =>
    egress.some((entry) => opensEndpoint(entry, where));
  const byService = policies.filter((policy) => opens(policy, service));
  const sure = policies.filter((policy) => opens(policy, endpoints));
  return { sure: serviceCounts ? [...sure, ...byService] : sure, service: byService };
}

function bySubject(policies: readonly CompiledPolicy[]): SelectorIndex<CompiledPolicy> {
  return new SelectorIndex(policies, ({ subject }) => subject);
}

/** How many pods or addresses one message names. */
const named = 3;

function describe<M extends "blocked" | "servicePort">(
  message: M,
  groups: readonly WorkloadGroup[],
  { endpoints, service }: ApiServer,
  subject: PolicySubject,
) {
  const { path, where } = placeOf(subject, "egress");
  const { ranges, ports } = endpointTexts(endpoints);
  const addresses = ranges.map((range) => range.replace(/\/\d+$/, ""));
  const portTexts = ports.map((port) => `${port}/TCP`).join(" and ");
  const accounts = [...new Set(groups.map(({ apiAccount }) => apiAccount))];
  return {
    message,
    path,
    key: message,
    scope: { kind: "elements" as const, ids: new Set(groups.map(({ id }) => id)) },
    data: {
      where,
      pods: podNames(groups, named),
      inShort: podNames(groups, 1),
      account: `account ${accounts.slice(0, named).join(", ")}${accounts.length > named ? " …" : ""}`,
      endpoints: `${listed(addresses, named)}, ${portTexts}`,
      first: `${addresses[0] ?? ""} ${portTexts}`,
      servicePorts: endpointTexts(service)
        .ports.map((port) => `${port}/TCP`)
        .join(" and "),
      peers: ranges.map((range) => `{ipBlock: {cidr: ${quoted(range)}}}`).join(", "),
      ports: ports.map((port) => `{port: ${port}}`).join(", "),
    },
  };
}

/** Ranges of IPv6 are no plain text of YAML. */
function quoted(range: string): string {
  return range.includes(":") ? JSON.stringify(range) : range;
}
