// Pods that the API server calls, for a webhook or an APIService, and whose ingress is closed to it. The API server is no pod, so
// that no selector matches it: only a rule without peers, or a range that may hold it, lets it in.

import { z } from "zod";
import type { PolicySubject } from "../model/subject.ts";
import { apiServerSource } from "../network/api-server-source.ts";
import { closedCalls, type ClosedCall } from "../network/closed-calls.ts";
import { callerText } from "../network/called-services.ts";
import { compareText } from "../network/labels.ts";
import { listed } from "../network/listed.ts";
import { defineRule } from "./shared/define-rule.ts";
import { podNames } from "./shared/pod-words.ts";
import { concerns, isAboutNoPolicy, placeOf } from "./shared/set-place.ts";

export const webhookBackendBlocked = defineRule({
  id: "webhook-backend-blocked",
  profile: "baseline",
  since: "v1",
  curable: true,
  judges: "set",
  system: true,
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE", "DELETE"],
  needs: ["policies", "workloads", "services", "backends"],
  options: z.strictObject({}),
  docs: {
    title: "Blocked backend of a webhook",
    summary:
      "Pods behind Ringfence's own webhooks do not let the API server in; of other webhooks and of APIServices it warns.",
    why: "The API server calls these pods for every request that a webhook is for, and for every read of an API that they serve. Where it is not let in, requests all over the cluster fail or are no longer checked. It is no pod: no selector matches it.",
    remediation:
      "Add an ingress rule for these pods with their port and without peers; their own TLS and authentication guard them.",
    references: [
      "https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/",
      "https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/",
    ],
  },
  messages: {
    own: {
      text: "{{where}}the API server is not let in to {{pods}} on {{ports}}, which it calls for {{callers}}: nothing would be judged any more, and where the webhook fails closed no policy could be written, not even to undo this.",
      remedy:
        "Add an ingress rule for them without peers, since no selector matches the API server: ports: [{{written}}].",
      warning: "{{where}}{{inShort}} closed to the API server on {{ports}} (Ringfence's own webhook)",
    },
    other: {
      text: "{{where}}the API server is not let in to {{pods}} on {{ports}}, which it calls for {{callers}}.",
      remedy:
        "Add an ingress rule for them without peers, since no selector matches the API server: ports: [{{written}}].",
      warning: "{{where}}{{inShort}} closed to the API server on {{ports}} ({{caller}})",
      advisory: true,
    },
  },
  check(subject, { view, budget }) {
    const { namespace } = subject;
    if (!concerns(subject, "ingress") && !isAboutNoPolicy(subject)) return [];
    const called = view.backends(namespace) ?? [];
    if (called.length === 0) return [];
    const set = view.policies(namespace);
    const services = view.services(namespace);
    const groups = view.workloads(namespace);
    if (set === undefined || services === undefined || groups === undefined) return [];
    const dueCompanions = view.dueCompanions(namespace);
    const source = apiServerSource(view);
    const closed = closedCalls({ set, dueCompanions, called, services, groups, source, budget });
    const own = closed.filter((call) => call.called.own);
    const others = closed.filter((call) => !call.called.own);
    return [
      ...(own.length === 0 ? [] : [describe("own", own, subject)]),
      ...(others.length === 0 ? [] : [describe("other", others, subject)]),
    ];
  },
});

/** How many of a kind one message names. */
const named = 3;

function describe<M extends "own" | "other">(
  message: M,
  closed: readonly ClosedCall[],
  subject: PolicySubject,
) {
  const { path, where } = placeOf(subject, "ingress");
  const groups = [...new Set(closed.map(({ group }) => group))];
  const ports = [...new Set(closed.map(({ port }) => port))].sort((a, b) => a - b);
  const callers = [...new Set(closed.map(({ called }) => callerText(called)))].sort(compareText);
  return {
    message,
    path,
    key: message,
    scope: {
      kind: "elements" as const,
      ids: new Set(closed.map(({ called, group, port }) => `${callerText(called)} ${port} ${group.id}`)),
    },
    data: {
      where,
      pods: podNames(groups, named),
      inShort: podNames(groups, 1),
      callers: listed(callers, named),
      caller: shortCaller(closed),
      ports: listed(
        ports.map((port) => `${port}/TCP`),
        named,
      ),
      written: ports
        .slice(0, named)
        .map((port) => `{port: ${port}}`)
        .join(", "),
    },
  };
}

/** The first of them by its name alone. */
function shortCaller(closed: readonly ClosedCall[]): string {
  const names = closed.map(({ called }) => called.webhook ?? called.configuration);
  return names.toSorted(compareText)[0] ?? "";
}
