import type { NamespaceFacts } from "../model/cluster-view.ts";
import type { DueCompanions } from "../model/companions.ts";
import type { StandingPolicy } from "../view/companion-index.ts";
import { countsOf } from "./counts.ts";
import { planOf } from "./plan.ts";
import type { Worked } from "./queue.ts";
import { reportsOf } from "./reports.ts";
import type { CompanionCounts, Report } from "./state.ts";
import { writeOut, type Done, type WriteOptions } from "./write-out.ts";

/** What the cluster view answers about companions. */
export interface CompanionSource {
  /** Undefined where there is no such namespace. */
  namespace(name: string): NamespaceFacts | undefined;
  due(namespace: NamespaceFacts): DueCompanions;
  /** The stored policies that have the name of a companion, by name. */
  standing(namespace: string): ReadonlyMap<string, StandingPolicy>;
}

export interface ReconcileOptions extends WriteOptions {
  readonly source: CompanionSource;
  /** Told after each run, also where there is nothing to tell. */
  readonly report: (namespace: string, reports: readonly Report[]) => void;
  /** How the companions of the namespace stand; undefined: nothing of them is ours to look after. */
  readonly state: (namespace: string, counts: CompanionCounts | undefined) => void;
}

/** Milliseconds after which is looked again where something else moved what we were about to write. */
const afterMove = 1_000;
/** Milliseconds after which is looked again whether what is held back still has to be. */
const whileHeldBack = 30_000;

/** Brings the companions of one namespace to what is due, as far as it can be done now. Rejects only on abort. */
export async function reconcile(
  options: ReconcileOptions,
  namespace: string,
  signal: AbortSignal,
): Promise<Worked> {
  const { source, ownWrites, fights } = options;
  const facts = source.namespace(namespace);
  // The policies of a namespace that goes are the namespace controller's.
  if (facts === undefined || facts.terminating) return forget(options, namespace);
  await askOverdue(options, namespace, signal);
  const due = source.due(facts);
  const standing = ownWrites.over(namespace, source.standing(namespace));
  const plan = planOf(due, standing, facts.uid);
  fights.keep(namespace, new Set(plan.wanted.map(({ name }) => name)));
  const done = await writeOut(options, facts, plan, signal);
  if (done.ended) return forget(options, namespace);
  options.report(namespace, reportsOf(facts, due, plan, done));
  options.state(
    namespace,
    countsOf(due, plan, done, (name) => fights.contested(namespace, name)),
  );
  const held = due.heldBack.length > 0 ? whileHeldBack : undefined;
  return workedOf(done, [held, ownWrites.untilOverdue(namespace), fights.untilPeace(namespace)]);
}

function forget({ ownWrites, fights, state, report }: ReconcileOptions, namespace: string): Worked {
  report(namespace, []);
  ownWrites.forget(namespace);
  fights.forget(namespace);
  state(namespace, undefined);
  return {};
}

/** What was written and has not come to the view in time was perhaps changed meanwhile without the view's hearing of it. */
async function askOverdue(
  { ownWrites, writer }: ReconcileOptions,
  namespace: string,
  signal: AbortSignal,
): Promise<void> {
  for (const name of ownWrites.overdue(namespace)) {
    const policy = await writer.read(namespace, name, signal);
    if (policy !== "unknown") ownWrites.note(namespace, name, policy, policy?.metadata.uid ?? "");
  }
}

function workedOf(done: Done, looks: readonly (number | undefined)[]): Worked {
  const [first] = done.failed;
  if (first !== undefined) {
    const [, { retryAfter }] = first;
    return { failed: { retryAfter } };
  }
  const waits = [...looks, done.moved ? afterMove : undefined, done.delayed].filter(
    (wait) => wait !== undefined,
  );
  return waits.length === 0 ? {} : { again: Math.min(...waits) };
}
