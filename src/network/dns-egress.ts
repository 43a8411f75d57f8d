import type { Budget } from "./budget.ts";
import { judgeCoverage } from "./coverage.ts";
import type { Coverage, PodScope } from "./coverage.ts";
import type { DnsProfile, DnsResolver } from "./dns-profile.ts";
import { admitsResolver, opensLinkLocalDns } from "./dns-rule.ts";
import type { DnsProtocol } from "./dns-rule.ts";
import type { LabelSet } from "./labels.ts";
import type { AllowEntry, CompiledPolicy } from "./policy.ts";
import { isolates, isolating } from "./policy-set.ts";
import type { PolicySet, UnionEntry } from "./policy-set.ts";
import { anyOf } from "./reachability.ts";
import { intersect, isEverything, satisfiable } from "./selector.ts";
import { intersectWork } from "./selector-cover.ts";
import type { Selector } from "./selector.ts";
import { obeysPolicies } from "./workloads.ts";
import type { WorkloadGroup } from "./workloads.ts";

/** What the questions about DNS need besides the set. */
export interface DnsContext {
  /** Pods and templates of the namespace; `undefined`: not known. */
  readonly groups: readonly WorkloadGroup[] | undefined;
  readonly profile: DnsProfile;
  /** Labels of the set's namespace. */
  readonly namespaceLabels: LabelSet;
  /** Companions that are due, stored or not: they count for what they open. */
  readonly dueCompanions: readonly CompiledPolicy[];
  readonly budget: Budget;
}

/** Pods that a selector isolates for egress and that cannot resolve names. */
export interface DnsCutOff {
  /** "none": no resolver is admitted. "some": one of several is not. "unknown": it cannot be said. */
  readonly admitted: "none" | "some" | "unknown";
  /** The selector of the policies that isolate. */
  readonly selector: Selector;
  /** All the policies that isolate egress with this selector, in order of name. */
  readonly policies: readonly CompiledPolicy[];
  /** The resolvers that are not admitted; of those that pods ask perhaps, only what they may ask instead. */
  readonly resolvers: readonly DnsResolver[];
  /** Of "unknown" the selector. */
  readonly scope: PodScope;
  /** The selectors were too much for the work budget: only the pods present were looked at. */
  readonly byPresentPods: boolean;
  /** Of "unknown": whether an entry opens the resolver is not known; otherwise only pods yet to come decide. */
  readonly resolverUnsure: boolean;
}

/** Pods that may ask a resolver over UDP and not over TCP. */
export interface DnsTcpMissing {
  /** What is isolated for egress and allowed DNS over UDP. */
  readonly selector: Selector;
  readonly resolver: DnsResolver;
  /** The entries that open UDP and not TCP: where the TCP port is to be added. */
  readonly entries: readonly UnionEntry[];
  readonly scope: PodScope;
  readonly byPresentPods: boolean;
}

/**
 * Who is cut off from DNS by this set, one item per distinct selector of an isolating policy (and per resolver for
 * "some"). Nothing where the profile is not known. Whether the namespace's intent wants DNS is the caller's to ask.
 */
export function dnsCutOff(set: PolicySet, context: DnsContext): readonly DnsCutOff[] {
  if (!context.profile.known) return [];
  const { resolvers } = context.profile;
  const asked = resolvers.filter(({ optional }) => optional === undefined);
  if (!set.policies.some(isolatesEgress) || everyPodMayAskAll(set, context, asked)) return [];
  const subjects = isolatedSubjects(set);
  const table = admissions(set, context, resolvers, "UDP");
  const resolverUnsure = table.some(({ answers, perhaps }) => perhaps || answers.includes(undefined));
  return subjects.flatMap(({ selector, policies }) => {
    const item = (
      admitted: DnsCutOff["admitted"],
      left: readonly DnsResolver[],
      coverage: Coverage,
    ): DnsCutOff => ({
      admitted,
      selector,
      policies,
      resolvers: left,
      resolverUnsure,
      ...(coverage.kind === "uncovered"
        ? coverage
        : { scope: { kind: "selector", selector }, byPresentPods: false }),
    });
    const byAny = coverageBy(
      selector,
      table,
      ({ answers, perhaps }) => anyOf([...answers, perhaps ? undefined : false]),
      context,
    );
    const told = resolvers.filter(({ optional }) => optional !== "besides");
    if (byAny.kind === "uncovered") return [item("none", told, byAny)];
    if (byAny.kind === "unknown") return [item("unknown", told, byAny)];
    return resolvers.flatMap((resolver, i) => {
      if (resolver.optional !== undefined || !isOneOfSeveral(resolver, resolvers)) return [];
      const byOne = coverageBy(
        selector,
        table,
        ({ answers }) => anyOf(answers.filter((_, j) => j === i || resolvers[j]?.optional === "instead")),
        context,
      );
      return byOne.kind === "uncovered" ? [item("some", [resolver], byOne)] : [];
    });
  });
}

function isolatesEgress(policy: CompiledPolicy): boolean {
  return isolates(policy, "egress");
}

/** Whether there are others that pods ask besides. */
function isOneOfSeveral(resolver: DnsResolver, all: readonly DnsResolver[]): boolean {
  return all.some((other) => other !== resolver && other.optional !== "instead");
}

/** Whether one policy opens every resolver to all pods: the usual case, found without a look at the other policies. */
function everyPodMayAskAll(set: PolicySet, context: DnsContext, resolvers: readonly DnsResolver[]): boolean {
  if (resolvers.length === 0) return false;
  const own = { name: set.namespace, labels: context.namespaceLabels };
  const opensAll = ({ subject, egress }: CompiledPolicy): boolean =>
    isEverything(subject) &&
    resolvers.every((resolver) =>
      egress.some((entry) => admitsResolver(entry, own, resolver, "UDP", context.budget) === true),
    );
  return set.policies.some(opensAll) || context.dueCompanions.some(opensAll);
}

/** Where the union allows UDP to a resolver that serves TCP as well, and not TCP. Only what is certain. */
export function dnsTcpMissing(set: PolicySet, context: DnsContext): readonly DnsTcpMissing[] {
  if (!context.profile.known) return [];
  const resolvers = context.profile.resolvers.filter(
    (resolver) => resolver.optional === undefined && servesTcp(resolver),
  );
  const subjects = isolatedSubjects(set);
  if (subjects.length === 0) return [];
  const udp = admissions(set, context, resolvers, "UDP");
  const tcp = admissions(set, context, resolvers, "TCP");
  return resolvers.flatMap((resolver, i) => {
    const boxes = udpBoxes(subjects, udp, tcp, i, context.budget);
    return boxes.flatMap(({ selector, policies }) => {
      const coverage = coverageBy(selector, tcp, ({ answers }) => answers[i], context);
      if (coverage.kind !== "uncovered") return [];
      const own = { name: set.namespace, labels: context.namespaceLabels };
      const entries = policies.flatMap((policy) =>
        policy.egress
          .filter((entry) => opensUdpAlone(entry, own, resolver, context.budget))
          .map((entry) => ({ policy, entry })),
      );
      return [{ selector, resolver, entries, scope: coverage.scope, byPresentPods: coverage.byPresentPods }];
    });
  });
}

/** What both an isolating selector and a policy that opens UDP to the i-th resolver and not TCP select. */
function udpBoxes(
  subjects: readonly { readonly selector: Selector }[],
  udp: readonly Admission[],
  tcp: readonly Admission[],
  i: number,
  budget: Budget,
): readonly { readonly selector: Selector; readonly policies: readonly CompiledPolicy[] }[] {
  // A policy that opens both leaves nothing to look for among its own pods.
  const opensBoth = new Set(tcp.filter(({ answers }) => answers[i] === true).map(({ policy }) => policy));
  const alone = udp.filter(({ policy, answers }) => answers[i] === true && !opensBoth.has(policy));
  const boxes = new Map<string, { selector: Selector; policies: Set<CompiledPolicy> }>();
  for (const { policy } of alone) {
    const own = 1 + intersectWork(policy.subject);
    for (const { selector: isolated } of subjects) {
      // Past the budget what was not looked at stays unsaid: unknown.
      if (!budget.spend(own + intersectWork(isolated))) return [];
      const selector = intersect(isolated, policy.subject);
      if (!satisfiable(selector)) continue;
      const box = boxes.get(selector.text);
      if (box === undefined) boxes.set(selector.text, { selector, policies: new Set([policy]) });
      else box.policies.add(policy);
    }
  }
  return [...boxes.values()].map(({ selector, policies }) => ({ selector, policies: [...policies] }));
}

function opensUdpAlone(
  entry: AllowEntry,
  own: { readonly name: string; readonly labels: LabelSet },
  resolver: DnsResolver,
  budget: Budget,
): boolean {
  return (
    admitsResolver(entry, own, resolver, "UDP", budget) === true &&
    admitsResolver(entry, own, resolver, "TCP", budget) === false
  );
}

function servesTcp(resolver: DnsResolver): boolean {
  return resolver.endpoints.some((endpoint) => endpoint.ports.some((port) => port.protocol === "TCP"));
}

/** The distinct selectors of the policies that isolate egress, with those policies. */
function isolatedSubjects(
  set: PolicySet,
): readonly { readonly selector: Selector; readonly policies: readonly CompiledPolicy[] }[] {
  const subjects = new Map<string, { selector: Selector; policies: CompiledPolicy[] }>();
  for (const policy of isolating(set, "egress")) {
    const subject = subjects.get(policy.subject.text);
    if (subject === undefined)
      subjects.set(policy.subject.text, { selector: policy.subject, policies: [policy] });
    else subject.policies.push(policy);
  }
  return [...subjects.values()];
}

/** A policy, and whether it admits each of the resolvers. */
interface Admission {
  readonly policy: CompiledPolicy;
  readonly answers: readonly (boolean | undefined)[];
  /** It opens addresses at which a resolver may be that could not be read. */
  readonly perhaps: boolean;
}

/** Of the set's policies and the companions that are due, those that may admit at least one resolver. */
function admissions(
  set: PolicySet,
  context: DnsContext,
  resolvers: readonly DnsResolver[],
  protocol: DnsProtocol,
): readonly Admission[] {
  const own = { name: set.namespace, labels: context.namespaceLabels };
  const { profile } = context;
  return [...set.policies, ...context.dueCompanions]
    .map((policy) => ({
      policy,
      perhaps: profile.unread.length > 0 && policy.egress.some((entry) => opensLinkLocalDns(entry, protocol)),
      answers: resolvers.map((resolver) =>
        anyOf(policy.egress.map((entry) => admitsResolver(entry, own, resolver, protocol, context.budget))),
      ),
    }))
    .filter(({ answers, perhaps }) => perhaps || answers.some((answer) => answer !== false));
}

function coverageBy(
  subject: Selector,
  table: readonly Admission[],
  answer: (admission: Admission) => boolean | undefined,
  context: DnsContext,
): Coverage {
  const subjects = (wanted: (given: boolean | undefined) => boolean) =>
    table.filter((admission) => wanted(answer(admission))).map(({ policy }) => policy.subject);
  context.budget.tick(table.length);
  return judgeCoverage({
    subject,
    sure: subjects((given) => given === true),
    possible: subjects((given) => given !== false),
    groups: context.groups,
    concerns: needsClusterDns,
    budget: context.budget,
  });
}

/** Whether these pods ask the cluster's DNS over the network of pods, and still run. */
function needsClusterDns(group: WorkloadGroup): boolean {
  return (
    obeysPolicies(group) &&
    (group.dnsPolicy === "ClusterFirst" || group.dnsPolicy === "ClusterFirstWithHostNet")
  );
}
