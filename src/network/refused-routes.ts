import type { Budget } from "./budget.ts";
import type { LabelSet } from "./labels.ts";
import type { AllowEntry, CompiledPolicy } from "./policy.ts";
import { isolating } from "./policy-set.ts";
import type { PolicySet } from "./policy-set.ts";
import { targetNumber } from "./ports.ts";
import { entryOpens } from "./reachability.ts";
import type { Target } from "./reachability.ts";
import type { RouteBackend } from "./routes.ts";
import { SelectorIndex } from "./selector-index.ts";
import type { ServiceFacts } from "./services.ts";
import { obeysPolicies } from "./workloads.ts";
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
      const port = targetNumber(group.namedPorts, target.targetPort);
      if (port === undefined) return [];
      const refused = [first, ...others].every((bringer) => sides.refuses(group, port, bringer));
      return refused ? [{ route, group, port, bringer: first }] : [];
    });
  });
}

/** What the policies do to each group, found once for all routes. */
class Sides<B extends { readonly targets: Bringer }> {
  readonly #question: RouteQuestion<B>;
  readonly #policies: SelectorIndex<CompiledPolicy>;
  readonly #closing: ReadonlySet<CompiledPolicy>;
  /** By the name of the Service. */
  readonly #members = new Map<string, WorkloadGroup[]>();
  /** Of a group that is not isolated nothing. */
  readonly #entries = new Map<WorkloadGroup, readonly AllowEntry[] | undefined>();
  readonly #answers = new Map<B, Map<string, boolean>>();

  constructor(question: RouteQuestion<B>, closing: readonly CompiledPolicy[]) {
    this.#question = question;
    const { set, dueCompanions, services, groups, budget } = question;
    this.#closing = new Set(closing);
    this.#policies = new SelectorIndex([...set.policies, ...dueCompanions], ({ subject }) => subject);
    const selecting = [...services.values()].flatMap(({ name, selector }) =>
      selector === undefined ? [] : [{ name, selector }],
    );
    const index = new SelectorIndex(selecting, ({ selector }) => selector);
    for (const group of groups) {
      if (!obeysPolicies(group)) continue;
      for (const { name } of index.matching(group.labels, budget)) this.#put(name, group);
    }
  }

  /** The pods and templates that a Service selects and to which policies apply. */
  behind({ name }: ServiceFacts): readonly WorkloadGroup[] {
    return this.#members.get(name) ?? [];
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

  #put(service: string, group: WorkloadGroup): void {
    const members = this.#members.get(service);
    if (members === undefined) this.#members.set(service, [group]);
    else members.push(group);
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
    const selecting = this.#policies.matching(group.labels, this.#question.budget);
    const entries = selecting.some((policy) => this.#closing.has(policy))
      ? selecting.flatMap(({ ingress }) => ingress)
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
