import { companionMarks } from "../intent/companion.ts";
import type { NamespaceFacts } from "../model/cluster-view.ts";
import type { DueCompanions } from "../model/companions.ts";
import { specDigest } from "../intent/spec-digest.ts";
import { standingPolicy, type StandingPolicy } from "../view/companion-index.ts";
import type { NetworkPolicy } from "../wire/network-policy.ts";
import type { Fights } from "./fights.ts";
import type { OwnWrites } from "./own-writes.ts";
import { ownershipOf } from "./ownership.ts";
import { planOf, type Plan, type Wanted, type WriteStep } from "./plan.ts";
import type { Worked } from "./queue.ts";
import { reportsOf, type Done } from "./reports.ts";
import { noCompanions, type CompanionCounts, type Report } from "./state.ts";
import type { PolicyWriter, Written } from "./writer.ts";

/** What the cluster view answers about companions. */
export interface CompanionSource {
  /** Undefined where there is no such namespace. */
  namespace(name: string): NamespaceFacts | undefined;
  due(namespace: NamespaceFacts): DueCompanions;
  /** The stored policies that have the name of a companion, by name. */
  standing(namespace: string): ReadonlyMap<string, StandingPolicy>;
}

export type WriteVerb = "create" | "apply" | "replace" | "remove";

export interface ReconcileOptions {
  readonly source: CompanionSource;
  readonly writer: PolicyWriter;
  readonly ownWrites: OwnWrites;
  readonly fights: Fights;
  /** Told after each run, also where there is nothing to tell. */
  readonly report: (namespace: string, reports: readonly Report[]) => void;
  /** Told of each write. */
  readonly wrote: (verb: WriteVerb, result: Written["result"]) => void;
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
  const work = new Work(options, facts, signal);
  await work.writeAll(plan.writes);
  await work.removeAll(plan.removals);
  if (work.ended) return forget(options, namespace);
  const { done } = work;
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

function countsOf(
  due: DueCompanions,
  plan: Plan,
  done: Done,
  isContested: (name: string) => boolean,
): CompanionCounts | undefined {
  const blocked = plan.blocked.filter(({ why }) => why === "foreign").length;
  const contested = new Set(plan.wanted.map(({ name }) => name).filter(isContested));
  const failing = [...done.failed.keys()].filter((name) => !contested.has(name)).length;
  const synced = plan.wanted.filter(({ name }) => done.synced(name) && !contested.has(name)).length;
  const counts = {
    ...noCompanions,
    contested: contested.size,
    failing: failing + blocked,
    synced,
    pending: Math.max(0, due.pieces.length - contested.size - failing - blocked - synced),
    foreign: plan.foreign.length,
    "held-back": due.heldBack.length,
  };
  return Object.values(counts).every((count) => count === 0) ? undefined : counts;
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

/** The writes of one run. */
class Work {
  readonly #options: ReconcileOptions;
  readonly #namespace: NamespaceFacts;
  readonly #signal: AbortSignal;
  /** The namespace is gone or going. */
  ended = false;
  readonly done: DoneSoFar;

  constructor(options: ReconcileOptions, namespace: NamespaceFacts, signal: AbortSignal) {
    this.#options = options;
    this.#namespace = namespace;
    this.#signal = signal;
    this.done = new DoneSoFar();
  }

  /** In order. Nothing is closed as long as the DNS is not open; of the rest one that fails does not stop the others. */
  async writeAll(steps: readonly WriteStep[]): Promise<void> {
    for (const step of steps) {
      const written = await this.#write(step);
      if (this.ended) return;
      if (!written) {
        this.done.unwritten.add(step.wanted.name);
        if (step.wanted.purpose === "allow-dns") {
          this.#leave(steps);
          return;
        }
      }
    }
  }

  /** In order, and only where everything that is due stands: what does not go leaves all that comes after it. */
  async removeAll(policies: readonly StandingPolicy[]): Promise<void> {
    if (this.ended || this.done.unwritten.size > 0) return;
    for (const policy of policies) {
      if (policy.terminating || !(await this.#remove(policy))) return;
    }
  }

  #leave(steps: readonly WriteStep[]): void {
    for (const { wanted } of steps) {
      if (!this.done.written.has(wanted.name)) this.done.unwritten.add(wanted.name);
    }
  }

  async #write({ wanted, standing }: WriteStep): Promise<boolean> {
    const { fights, ownWrites } = this.#options;
    const { name: namespace } = this.#namespace;
    const delay = fights.delay(namespace, wanted.name, wanted.specDigest);
    if (delay > 0) {
      this.done.delayed = Math.min(delay, this.done.delayed ?? Infinity);
      return false;
    }
    const policy = policyOf(wanted, this.#namespace);
    let written =
      standing === undefined
        ? this.#counted("create", await this.#options.writer.create(policy, this.#signal))
        : this.#counted("apply", await this.#options.writer.apply(policy, standing, this.#signal));
    if (written.result === "done" && !isAs(wanted, written.policy, this.#namespace)) {
      written = await this.#replace(wanted, written.policy);
    }
    if (!this.#isDone(wanted.name, written)) return false;
    if (written.policy !== undefined) ownWrites.note(namespace, wanted.name, written.policy, "");
    fights.written(namespace, wanted.name, wanted.specDigest);
    this.done.written.set(wanted.name, howWritten(standing, this.#namespace.uid));
    return true;
  }

  /** What server-side apply leaves, because another manager brought it, goes by replacing the whole. */
  async #replace(wanted: Wanted, stored: NetworkPolicy | undefined): Promise<Written> {
    if (stored === undefined) return { result: "moved" };
    this.#options.ownWrites.note(this.#namespace.name, wanted.name, stored, "");
    const { labels, annotations } = companionMarks(this.#namespace.uid);
    const metadata = {
      ...stored.metadata,
      labels: { ...stored.metadata.labels, ...labels },
      annotations: { ...stored.metadata.annotations, ...annotations },
    };
    const whole = { ...stored, metadata, spec: wanted.spec };
    const written = this.#counted("replace", await this.#options.writer.replace(whole, this.#signal));
    if (written.result !== "done" || isAs(wanted, written.policy, this.#namespace)) return written;
    return { result: "refused", text: "what is stored differs from what was written", retryAfter: 0 };
  }

  async #remove(policy: StandingPolicy): Promise<boolean> {
    const { writer, ownWrites } = this.#options;
    const { name: namespace } = this.#namespace;
    const written = this.#counted(
      "remove",
      await writer.remove(namespace, policy.name, policy, this.#signal),
    );
    if (!this.#isDone(policy.name, written)) return false;
    ownWrites.note(namespace, policy.name, written.policy, policy.uid);
    this.done.removed.push(policy.name);
    // With a finalizer it stands until that is gone.
    return written.policy === undefined;
  }

  #counted(verb: WriteVerb, written: Written): Written {
    this.#options.wrote(verb, written.result);
    return written;
  }

  #isDone(name: string, written: Written): written is Written & { result: "done" } {
    if (written.result === "ended") this.ended = true;
    else if (written.result === "moved") this.done.moved = true;
    else if (written.result === "refused") this.done.failed.set(name, written);
    return written.result === "done";
  }
}

class DoneSoFar implements Done {
  readonly written = new Map<string, "new" | "changed" | "adopted">();
  readonly unwritten = new Set<string>();
  readonly removed: string[] = [];
  readonly failed = new Map<string, { readonly text: string; readonly retryAfter: number }>();
  moved = false;
  delayed: number | undefined = undefined;

  synced(name: string): boolean {
    return !this.unwritten.has(name);
  }
}

function howWritten(standing: StandingPolicy | undefined, uid: string): "new" | "changed" | "adopted" {
  if (standing === undefined) return "new";
  return ownershipOf(standing, uid) === "ours" ? "changed" : "adopted";
}

function policyOf({ name, spec }: Wanted, namespace: NamespaceFacts): NetworkPolicy {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace: namespace.name, ...marksOf(namespace.uid) },
    spec,
  };
}

function marksOf(uid: string): { labels: Record<string, string>; annotations: Record<string, string> } {
  const { labels, annotations } = companionMarks(uid);
  return { labels: { ...labels }, annotations: { ...annotations } };
}

function isAs(wanted: Wanted, stored: NetworkPolicy | undefined, namespace: NamespaceFacts): boolean {
  if (stored === undefined) return false;
  const { labelled, namespaceUid } = standingPolicy(stored);
  return labelled && namespaceUid === namespace.uid && specDigest(stored.spec) === wanted.specDigest;
}
