import type { Budget } from "./budget.ts";
import type { LabelSet } from "./labels.ts";
import type { AllowEntry, CompiledPolicy } from "./policy.ts";
import { isolating } from "./policy-set.ts";
import type { PolicySet } from "./policy-set.ts";
import { resolveName } from "./ports.ts";
import { entryOpens } from "./reachability.ts";
import type { Target } from "./reachability.ts";
import type { RouteBackend } from "./routes.ts";
import { matches } from "./selector.ts";
import type { ServiceFacts } from "./services.ts";
import type { WorkloadGroup } from "./workloads.ts";

/** What brings requests from outside: the pods that are there, or what is known of them. Never empty. */
export type Bringer = readonly [Target, ...Target[]];

/** Of one namespace. */
export interface RouteQuestion<B extends { readonly targets: Bringer }> {
  readonly set: PolicySet;
  /** Companions that are due, stored or not: they count for what they open. */
  readonly dueCompanions: readonly CompiledPolicy[];
  readonly routes: readonly RouteBackend[];
  readonly services: ReadonlyMap<string, ServiceFacts>;
  readonly groups: readonly WorkloadGroup[];
  /** Who may serve a route; nobody: not known. The same objects for each route. */
  readonly bringers: (route: RouteBackend) => readonly B[];
  readonly budget: Budget;
}

/** Pods behind a route whom none of those that may serve it reaches. */
export interface RefusedBackend<B> {
  readonly route: RouteBackend;
  readonly group: WorkloadGroup;
  /** Of the pods, over TCP. */
  readonly port: number;
  readonly bringer: B;
}

/** Where the policies surely refuse what a route sends. Whatever is not known refuses nothing. */
export function refusedBackends<B extends { readonly targets: Bringer }>(
  question: RouteQuestion<B>,
): readonly RefusedBackend<B>[] {
  const { set, routes, services, bringers, budget } = question;
  const closing = isolating(set, "ingress");
  if (closing.length === 0 || routes.length === 0) return [];
  const sides = new Sides(question, closing);
  return routes.flatMap((route) => {
    budget.tick();
    const [first, ...others] = bringers(route);
    const service = services.get(route.service);
    if (first === undefined || service?.selector === undefined) return [];
    const target = service.ports.find(({ name, port }) => port === route.port || name === route.port);
    if (target?.protocol !== "TCP") return [];
    return sides.behind(service).flatMap((group) => {
      const port = portOf(group, target.targetPort);
      if (port === undefined) return [];
      const refused = [first, ...others].every((bringer) => sides.refuses(group, port, bringer));
      return refused ? [{ route, group, port, bringer: first }] : [];
    });
  });
}

function portOf({ namedPorts }: WorkloadGroup, targetPort: number | string): number | undefined {
  if (typeof targetPort === "number") return targetPort;
  const [only, ...more] = resolveName(namedPorts, targetPort, "TCP");
  return more.length === 0 ? only : undefined;
}

/** What the policies do to each group, found once for all routes. */
class Sides<B extends { readonly targets: Bringer }> {
  readonly #question: RouteQuestion<B>;
  readonly #closing: readonly CompiledPolicy[];
  readonly #members = new Map<string, readonly WorkloadGroup[]>();
  /** Of a group that is not isolated nothing. */
  readonly #entries = new Map<WorkloadGroup, readonly AllowEntry[] | undefined>();
  readonly #answers = new Map<B, Map<string, boolean>>();

  constructor(question: RouteQuestion<B>, closing: readonly CompiledPolicy[]) {
    this.#question = question;
    this.#closing = closing;
  }

  /** The pods and templates that a Service selects and to which policies apply. */
  behind({ name, selector }: ServiceFacts): readonly WorkloadGroup[] {
    const known = this.#members.get(name);
    if (known !== undefined || selector === undefined) return known ?? [];
    const { groups, budget } = this.#question;
    budget.tick(groups.length);
    const members = groups.filter(
      ({ labels, hostNetwork, terminating, finished }) =>
        !hostNetwork && !terminating && !finished && matches(selector, labels),
    );
    this.#members.set(name, members);
    return members;
  }

  refuses(group: WorkloadGroup, port: number, bringer: B): boolean {
    const answers = this.#answers.get(bringer) ?? new Map<string, boolean>();
    this.#answers.set(bringer, answers);
    const key = `${port} ${group.id}`;
    const known = answers.get(key);
    if (known !== undefined) return known;
    const refused = this.#refuses(group, port, bringer.targets);
    answers.set(key, refused);
    return refused;
  }

  #refuses(group: WorkloadGroup, port: number, targets: Bringer): boolean {
    const entries = this.#entriesOf(group);
    if (entries === undefined) return false;
    const { set, budget } = this.#question;
    const open = { protocol: "TCP", port, named: group.namedPorts } as const;
    return targets.every((target) =>
      entries.every((entry) => entryOpens(entry, set.namespace, target, open, "ingress", budget) === false),
    );
  }

  #entriesOf(group: WorkloadGroup): readonly AllowEntry[] | undefined {
    if (this.#entries.has(group)) return this.#entries.get(group);
    const { set, dueCompanions, budget } = this.#question;
    budget.tick(set.policies.length);
    const selects = ({ subject }: CompiledPolicy): boolean => matches(subject, group.labels);
    const entries = this.#closing.some(selects)
      ? [...set.policies, ...dueCompanions].filter(selects).flatMap(({ ingress }) => ingress)
      : undefined;
    this.#entries.set(group, entries);
    return entries;
  }
}

/** A pod with these labels at least, of which nothing else is known; without labels any pod of its namespace. */
export function somePod(
  namespace: { readonly name: string; readonly labels: LabelSet },
  labels: LabelSet,
): Target {
  return {
    pod: { namespace, labels: labels.size === 0 ? undefined : labels, partial: true, hostNetwork: false },
    addresses: [],
  };
}
