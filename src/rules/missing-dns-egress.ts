// Pods are isolated for egress and no policy of the namespace lets them ask the cluster's DNS: every name that they look
// up times out. Judged on the union of the namespace's policies, so that a DNS allow elsewhere counts. The message names
// what stands nearest to it.

import { z } from "zod";
import { intentIn } from "../model/namespace-intent.ts";
import type { RuleContext } from "../model/rule.ts";
import type { PolicySubject } from "../model/subject.ts";
import { dnsCutOff, type DnsCutOff } from "../network/dns-egress.ts";
import type { DnsProfile } from "../network/dns-profile.ts";
import { nearMisses, type NearMiss, type PeerMiss } from "../network/dns-near-miss.ts";
import { dnsRule, resolverPeers } from "../network/dns-rule.ts";
import { peersText, ruleText } from "../network/dns/written.ts";
import { isEverything, type Selector } from "../network/selector.ts";
import type { JsonPatchOperation } from "../wire/json-patch.ts";
import { defineRule } from "./shared/define-rule.ts";
import { resolverWords } from "./shared/dns-words.ts";
import {
  describePods,
  describePodsShort,
  isSingle,
  dnsQuestion,
  podsText,
  scopeOf,
  type DnsQuestion,
} from "./shared/dns-question.ts";
import { placeOf } from "./shared/set-place.ts";

const cutOff = "{{where}}{{pods}} {{are}} cut off from the cluster DNS ({{resolver}})";
const command = "ringfence generate dns -n {{namespace}}{{flags}}";
const again = "(if it is in the same file, apply the file again)";
const apply = `Apply first what this prints{{beware}}: ${command} ${again}.`;
const print = `apply what this prints{{beware}}: ${command}`;

export const missingDnsEgress = defineRule({
  id: "missing-dns-egress",
  profile: "baseline",
  since: "v1",
  curable: true,
  judges: "set",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE", "DELETE"],
  needs: ["namespaces", "policies", "workloads", "dns"],
  options: z.strictObject({}),
  docs: {
    title: "Missing DNS egress",
    summary: "Pods are isolated for egress and no policy lets them ask the cluster's DNS.",
    why: "Without DNS nearly every application stops, seconds to minutes later and with errors that do not speak of network policy.",
    remediation: "Allow DNS in the namespace, UDP and TCP, before or together with the policy that isolates.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic",
      "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/",
    ],
  },
  messages: {
    alone: {
      text: `${cutOff}.`,
      remedy: `Add to spec.egress: {{rule}}; or first ${print} ${again}.`,
      warning: "{{where}}{{inShort}} {{are}} cut off from the cluster DNS; allow {{to}}",
    },
    nothing: {
      text: `${cutOff}.`,
      remedy: apply,
      warning:
        "{{where}}{{inShort}} {{are}} cut off from the cluster DNS; see ringfence generate dns -n {{namespace}}",
    },
    onlyTcp: {
      text: `${cutOff}: {{at}} opens TCP only, and names are asked over UDP first.`,
      remedy: `Add beside it: {protocol: UDP, port: {{port}}}; or ${print}`,
      warning: "{{where}}no DNS for {{inShort}}: {{at}} opens TCP only; add {{port}}/UDP",
    },
    port: {
      text: `${cutOff}: {{at}} opens {{written}}, and the resolver's pods listen on {{target}} (a policy sees the port behind the Service).`,
      remedy: `Write {{target}} there, or ${print}`,
      warning: "{{where}}no DNS for {{inShort}}: {{at}} opens {{written}}, not {{target}}",
    },
    servicePort: {
      text: `${cutOff}: {{at}} opens {{written}}, and that address is asked on {{target}}.`,
      remedy: `Write {{target}} there, or ${print}`,
      warning: "{{where}}no DNS for {{inShort}}: {{at}} opens {{written}}, not {{target}}",
    },
    hostNetwork: {
      text: `${cutOff}: {{at}} selects pods of {{name}}, which run on the host network, where no selector matches them.`,
      remedy: `Name their addresses: {{peers}}; or ${print}`,
      warning: "{{where}}no DNS for {{inShort}}: {{name}} is on the host network; use ipBlock",
    },
    noPods: {
      text: `${cutOff}: {{at}} selects pods, and {{name}} answers on the nodes, where there is no pod to select.`,
      remedy: `Name its addresses: {{peers}}; or ${print}`,
      warning: "{{where}}no DNS for {{inShort}}: {{name}} is no pod; use ipBlock",
    },
    peer: {
      text: `${cutOff}: {{at}} opens DNS to others: {{why}}.`,
      remedy: `Write the peer: {{peers}}{{ports}}; or ${print}`,
      warning: "{{where}}no DNS for {{inShort}}: {{why}}",
    },
    some: {
      advisory: true,
      text: "{{where}}{{pods}} {{are}} cut off from {{name}}, one of several resolvers ({{resolver}}).",
      remedy: `Add the peer {{peers}}, or ${print}`,
      warning: "{{where}}{{inShort}} {{are}} cut off from {{name}}, one of several: allow {{to}}",
    },
    unknown: {
      unknown: true,
      text: "whether {{pods}} will reach the cluster DNS depends on pods yet to come.",
      remedy: apply,
      warning: "whether {{inShort}} will reach the cluster DNS depends on pods yet to come",
    },
    unsure: {
      unknown: true,
      text: "whether {{pods}} may ask the cluster DNS ({{resolver}}) is unknown: where it answers is not known so well.",
      remedy: `See ringfence doctor dns. What opens it for certain{{beware}}: ${command}`,
      warning: "whether {{inShort}} may ask the cluster DNS is unknown; see: ringfence doctor dns",
    },
  },
  check(subject, context) {
    const question = dnsQuestion(subject, context);
    if (question === undefined) return [];
    const found = dnsCutOff(question.set, question.context);
    if (found.length === 0 || wantsNoDns(subject, context)) return [];
    const explained = new Set(
      found
        .filter((item) => isOf(item, subject))
        .concat(found)
        .slice(0, mostExplained),
    );
    const words = resolverWords(context.view.dns);
    return found.map((item) => {
      const miss = explained.has(item) ? nearestMiss(item, question, context) : undefined;
      return describe(item, miss, subject, { words, profile: context.view.dns });
    });
  },
  fix: {
    class: "widening",
    warning: "a rule that allows DNS was appended",
    operations(subject, context) {
      const question = dnsQuestion(subject, context);
      if (question === undefined || wantsNoDns(subject, context)) return [];
      const own = dnsCutOff(question.set, question.context).some(
        (item) => item.admitted === "none" && isOf(item, subject),
      );
      return own ? appendRule(subject, context) : [];
    },
  },
});

/** Whether the namespace says in so many words that its pods resolve no names. */
function wantsNoDns({ namespace }: PolicySubject, { view }: Pick<RuleContext<unknown>, "view">): boolean {
  return intentIn(view.intentOf(namespace))?.allowDNS === false;
}

/** Whether the request's own policy is one of those that isolate. */
function isOf({ policies }: DnsCutOff, subject: PolicySubject): boolean {
  return policies.some(({ name }) => name === subject.compiled?.name);
}

/** Near misses are looked for in all policies of the namespace, so not for more findings than a denial spells out. */
const mostExplained = 20;

function nearestMiss(
  { admitted, selector, resolvers }: DnsCutOff,
  { set }: DnsQuestion,
  { view, budget }: RuleContext<unknown>,
): NearMiss | undefined {
  if (admitted !== "none") return undefined;
  const namespacesSelected = (each: Selector): number | undefined => view.namespaces?.matching(each).length;
  return nearMisses(set, selector, { resolvers, namespacesSelected, budget })[0];
}

function describe(
  item: DnsCutOff,
  miss: NearMiss | undefined,
  subject: PolicySubject,
  { words, profile }: { readonly words: ReturnType<typeof resolverWords>; readonly profile: DnsProfile },
) {
  const { path, where } = placeOf(subject, "egress");
  const message = messageOf(item, miss, subject);
  return {
    message,
    path,
    key:
      item.admitted === "some" ? `some ${item.resolvers.map(({ name }) => name).join(" ")}` : item.admitted,
    scope: scopeOf(item.scope),
    data: {
      where,
      pods: describePods(item, podsText({ subject: item.selector })),
      are: isSingle(item.scope) ? "is" : "are",
      inShort: describePodsShort(item.scope, podsText({ subject: item.selector })),
      ...words(item.resolvers),
      namespace: subject.namespace,
      ports: "",
      // What `generate dns` prints selects all pods.
      beware: isEverything(item.selector) ? "" : ", which isolates all pods for egress",
      ...(message === "alone" && { rule: ruleOf(profile) }),
      ...(miss === undefined ? {} : missData(miss, subject)),
    },
  };
}

function messageOf(item: DnsCutOff, miss: NearMiss | undefined, subject: PolicySubject) {
  if (item.admitted === "none") {
    const kind = miss?.kind ?? "nothing";
    return kind === "nothing" && !isEverything(item.selector) && isOf(item, subject) ? "alone" : kind;
  }
  return item.admitted === "unknown" && item.resolverUnsure ? "unsure" : item.admitted;
}

/** The rule to add to a policy that isolates some pods: one for all of them would close what is open. */
function ruleOf(profile: DnsProfile): string {
  const rule = dnsRule(profile);
  return rule === undefined ? "" : ruleText(rule);
}

function missData(miss: NearMiss, subject: PolicySubject): Record<string, string> {
  if (miss.kind === "nothing") return {};
  const own = miss.policy.name === subject.name;
  const at = own ? `spec.egress[${miss.index}]` : `egress[${miss.index}] of policy ${miss.policy.name}`;
  switch (miss.kind) {
    case "onlyTcp":
      return { at, port: String(miss.port) };
    case "port":
    case "servicePort":
      return { at, written: miss.written, target: miss.target };
    case "hostNetwork":
    case "noPods":
      return { at, name: miss.resolver.name, peers: peersText(resolverPeers(miss.resolver)) };
    case "peer":
      return {
        at,
        why: miss.peers.map((peer) => peerMissText(peer, subject.namespace)).join("; "),
        ports: miss.target === undefined ? "" : ` on ${miss.target}`,
      };
  }
}

function peerMissText({ why, text, namespaces }: PeerMiss, home: string): string {
  switch (why) {
    case "noNamespace":
      return `no namespace carries ${namespaces ?? text}`;
    case "otherNamespace":
      return `namespaces ${namespaces ?? text} do not hold the resolver`;
    case "ownNamespace":
      return `an item with a podSelector alone means pods of ${home}`;
    case "otherPods":
      return `${text} are not the resolver's`;
    case "otherAddress":
      return `${text} holds no address of the resolver`;
  }
}

function appendRule(
  subject: PolicySubject,
  { view }: Pick<RuleContext<unknown>, "view">,
): JsonPatchOperation[] {
  const rule = dnsRule(view.dns);
  const spec = subject.object?.spec;
  if (rule === undefined || spec === undefined) return [];
  const last = spec.egress?.at(-1);
  if (spec.egress === undefined) {
    const { podSelector } = spec;
    const guard: JsonPatchOperation[] =
      podSelector === undefined ? [] : [{ op: "test", path: "/spec/podSelector", value: podSelector }];
    return [...guard, { op: "add", path: "/spec/egress", value: [rule] }];
  }
  const guard: JsonPatchOperation[] =
    last === undefined ? [] : [{ op: "test", path: `/spec/egress/${spec.egress.length - 1}`, value: last }];
  return [...guard, { op: "add", path: "/spec/egress/-", value: rule }];
}
