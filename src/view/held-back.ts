import type { Piece } from "../intent/purpose.ts";
import { withoutDirection } from "../intent/desired.ts";
import { confirmIsolationAnnotation } from "../intent/read.ts";
import type { ClusterView, NamespaceFacts } from "../model/cluster-view.ts";
import type { DueCompanions, HeldBack } from "../model/companions.ts";
import { apiServerSource, type ApiServerSurroundings } from "../network/api-server-source.ts";
import type { Budget } from "../network/budget.ts";
import { callerText, type CalledService } from "../network/called-services.ts";
import { closedCalls } from "../network/closed-calls.ts";
import { compareText } from "../network/labels.ts";
import { isolating, withCompanions, type PolicySet } from "../network/policy-set.ts";
import { admittedQueries, resolversIn, type QueriesOf } from "../network/refused-queries.ts";
import { isEverything, matches } from "../network/selector.ts";
import { obeysPolicies, type WorkloadGroup } from "../network/workloads.ts";

/** What is asked of the cluster. */
export type HoldingView = ApiServerSurroundings &
  Pick<ClusterView, "namespaces" | "workloads" | "services" | "backends" | "dns">;

/** What may be written of the pieces for now. */
export interface Holding {
  readonly pieces: readonly Piece[];
  readonly heldBack: readonly HeldBack[];
}

/**
 * What of the due companions would cut off pods that are open now and that the API server calls or that serve the cluster's
 * DNS: then no piece closes ingress until an operator confirms. Undefined: nothing is held back. What is closed already is
 * nothing new, and where a companion closes ingress already nothing is taken back, whatever is called since then. Where it is
 * not known who is called, or which pods there are, what is open stays open.
 */
export function heldBack(
  facts: Pick<NamespaceFacts, "name" | "annotations">,
  due: Pick<DueCompanions, "pieces" | "compiled">,
  standing: PolicySet,
  view: HoldingView,
  budget: Budget,
): Holding | undefined {
  if (!due.pieces.some(({ spec }) => spec.policyTypes?.includes("Ingress") === true)) return undefined;
  const called = view.backends(facts.name);
  const resolvers = resolversIn(view.dns, facts.name);
  if (called?.length === 0 && resolvers.length === 0) return undefined;
  const closing = isolating(standing, "ingress");
  if (closing.some(({ companion }) => companion)) return undefined;
  const after = withCompanions(standing.policies, standing.namespace, due.compiled);
  const question = { facts, standing, after, view, budget };
  const cut = [
    ...(called === undefined ? unknownCallers(question) : cutCalls(question, called)),
    ...cutQueries(question),
  ];
  const confirmed = new Set(
    (facts.annotations.get(confirmIsolationAnnotation) ?? "").split(",").map((name) => name.trim()),
  );
  const open = cut.filter(({ name }) => name === undefined || !confirmed.has(name));
  if (open.length === 0) return undefined;
  const names = [...new Set(cut.flatMap(({ name }) => name ?? []))].sort(compareText).join(",");
  const confirm =
    names === "" ? "" : `; an operator confirms by the annotation ${confirmIsolationAnnotation}: ${names}`;
  return {
    pieces: due.pieces.flatMap((piece) => withoutDirection(piece, "Ingress")),
    heldBack: open.map(({ why }) => ({
      direction: "ingress",
      why: `${why}${confirm}`,
      ...(names !== "" && { confirm: names }),
    })),
  };
}

interface Question {
  readonly facts: Pick<NamespaceFacts, "name">;
  readonly standing: PolicySet;
  readonly after: PolicySet;
  readonly view: HoldingView;
  readonly budget: Budget;
}

interface Cut {
  /** By which it is confirmed; absent: it cannot be. */
  readonly name?: string;
  readonly why: string;
}

function cutCalls(
  { facts, standing, after, view, budget }: Question,
  called: readonly CalledService[],
): Cut[] {
  if (called.length === 0) return [];
  const services = view.services(facts.name);
  const groups = view.workloads(facts.name);
  if (services === undefined || groups === undefined) {
    if (closesAll(standing)) return [];
    return [{ why: "it is not known which pods are behind the Services that webhooks and APIServices call" }];
  }
  const around = { dueCompanions: [], called, services, groups, source: apiServerSource(view), budget };
  const id = ({ called: call, group, port }: ReturnType<typeof closedCalls>[number]): string =>
    `${call.service} ${port} ${group.id}`;
  const closed = new Set(closedCalls({ ...around, set: standing }).map(id));
  const cut = closedCalls({ ...around, set: after }).filter((call) => !closed.has(id(call)));
  const byService = new Map(cut.map((call) => [call.called.service, call.called]));
  return [...byService].map(([name, call]) => ({
    name,
    why: `pods behind Service ${name} would no longer let the API server in, which calls them for ${callerText(call)}`,
  }));
}

function cutQueries({ facts, standing, after, view, budget }: Question): Cut[] {
  const resolvers = resolversIn(view.dns, facts.name);
  const groups = view.workloads(facts.name);
  const { namespaces } = view;
  if (resolvers.length === 0 || closesAll(standing)) return [];
  if (groups === undefined || namespaces === undefined) {
    return [{ why: "it is not known which pods serve the cluster's DNS here" }];
  }
  const selected = (selector: Parameters<typeof namespaces.matching>[0]): string[] =>
    namespaces.matching(selector).map(({ name }) => name);
  const around = { dueCompanions: [], groups, resolvers, selected, budget };
  const before = new Map(
    admittedQueries({ ...around, set: standing }).map((one) => [`${one.resolver.name} ${one.group.id}`, one]),
  );
  const cut = admittedQueries({ ...around, set: after }).filter((one) =>
    isWorse(one, before.get(`${one.resolver.name} ${one.group.id}`)),
  );
  return [...new Set(cut.map(({ resolver }) => resolver.name))].map((resolver) => ({
    name: "cluster-dns",
    why: `the cluster's DNS (${resolver}) would refuse the queries of other namespaces`,
  }));
}

/** Absent before: the pods were not isolated. */
function isWorse({ udp }: QueriesOf, before: QueriesOf | undefined): boolean {
  const was = before?.udp.from ?? "all";
  return (udp.from === "none" && was !== "none") || (udp.from === "some" && was === "all");
}

/** Every pod may be behind a Service that is called: those that are open and would be closed. */
function unknownCallers({ facts, standing, after, view }: Question): Cut[] {
  if (closesAll(standing)) return [];
  const groups = view.workloads(facts.name);
  const opens = groups?.some((group) => isOpen(group, standing) && !isOpen(group, after)) ?? true;
  const why = "it is not known which Services webhooks and APIServices call, which Ringfence may not list";
  return opens ? [{ why }] : [];
}

function isOpen(group: WorkloadGroup, set: PolicySet): boolean {
  if (!obeysPolicies(group)) return false;
  return !isolating(set, "ingress").some(({ subject }) => matches(subject, group.labels));
}

function closesAll(set: PolicySet): boolean {
  return isolating(set, "ingress").some(({ subject }) => isEverything(subject));
}
