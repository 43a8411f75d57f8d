import { companionMarks, companionPolicy } from "../intent/companion.ts";
import { dnsPurpose } from "../intent/purposes/dns.ts";
import { specDigest } from "../intent/spec-digest.ts";
import type { NamespaceFacts } from "../model/cluster-view.ts";
import { standingPolicy, type StandingPolicy } from "../view/companion-index.ts";
import type { NetworkPolicy } from "../wire/network-policy.ts";
import type { Fights } from "./fights.ts";
import type { OwnWrites } from "./own-writes.ts";
import { ownershipOf } from "./ownership.ts";
import type { Plan, Wanted, WriteStep } from "./plan.ts";
import type { PolicyWriter, Written } from "./writer.ts";

export type WriteVerb = "create" | "apply" | "replace" | "remove";

export interface WriteOptions {
  readonly writer: PolicyWriter;
  readonly ownWrites: OwnWrites;
  readonly fights: Fights;
  /** Told of each write. */
  readonly wrote: (verb: WriteVerb, result: Written["result"]) => void;
}

/** What came of the writes of one run, by the names of companions. */
export interface Done {
  readonly written: ReadonlyMap<string, HowWritten>;
  /** Those that were to be written and were not. */
  readonly unwritten: ReadonlySet<string>;
  readonly removed: readonly string[];
  readonly failed: ReadonlyMap<string, { readonly text: string; readonly retryAfter: number }>;
  /** Something stands otherwise than the view had it. */
  readonly moved: boolean;
  /** Milliseconds until a repair that was put off. */
  readonly delayed: number | undefined;
  /** The namespace is gone or going. */
  readonly ended: boolean;
}

type HowWritten = "new" | "changed" | "adopted";

/** Carries out a plan, as far as that can be done now. Rejects as the writer does. */
export async function writeOut(
  options: WriteOptions,
  namespace: NamespaceFacts,
  { writes, removals }: Pick<Plan, "writes" | "removals">,
  signal: AbortSignal,
): Promise<Done> {
  const work = new Work(options, namespace, signal);
  await work.writeAll(writes);
  await work.removeAll(removals);
  return work;
}

/** The writes of one run, and what has come of them so far. */
class Work implements Done {
  readonly #options: WriteOptions;
  readonly #namespace: NamespaceFacts;
  readonly #signal: AbortSignal;
  readonly written = new Map<string, HowWritten>();
  readonly unwritten = new Set<string>();
  readonly removed: string[] = [];
  readonly failed = new Map<string, { readonly text: string; readonly retryAfter: number }>();
  moved = false;
  delayed: number | undefined = undefined;
  ended = false;

  constructor(options: WriteOptions, namespace: NamespaceFacts, signal: AbortSignal) {
    this.#options = options;
    this.#namespace = namespace;
    this.#signal = signal;
  }

  /** In order. Nothing is closed as long as the DNS is not open; of the rest one that fails does not stop the others. */
  async writeAll(steps: readonly WriteStep[]): Promise<void> {
    for (const [index, step] of steps.entries()) {
      if (await this.#write(step)) continue;
      if (this.ended) return;
      const isDns = step.wanted.purpose === dnsPurpose;
      for (const { wanted } of isDns ? steps.slice(index) : [step]) this.unwritten.add(wanted.name);
      if (isDns) return;
    }
  }

  /** In order, and only where everything that is due stands: what does not go leaves all that comes after it. */
  async removeAll(policies: readonly StandingPolicy[]): Promise<void> {
    if (this.ended || this.unwritten.size > 0) return;
    for (const policy of policies) {
      if (policy.terminating || !(await this.#remove(policy))) return;
    }
  }

  async #write({ wanted, standing }: WriteStep): Promise<boolean> {
    const { fights, ownWrites } = this.#options;
    const { name: namespace } = this.#namespace;
    const delay = fights.delay(namespace, wanted.name, wanted.specDigest);
    if (delay > 0) {
      this.delayed = Math.min(delay, this.delayed ?? Infinity);
      return false;
    }
    const policy = companionPolicy(wanted.name, wanted.spec, this.#namespace);
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
    this.written.set(wanted.name, howWritten(standing, this.#namespace.uid));
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
    this.removed.push(policy.name);
    // With a finalizer it stands until that is gone.
    return written.policy === undefined;
  }

  #counted(verb: WriteVerb, written: Written): Written {
    this.#options.wrote(verb, written.result);
    return written;
  }

  #isDone(name: string, written: Written): written is Written & { result: "done" } {
    if (written.result === "ended") this.ended = true;
    else if (written.result === "moved") this.moved = true;
    else if (written.result === "refused") this.failed.set(name, written);
    return written.result === "done";
  }
}

function howWritten(standing: StandingPolicy | undefined, uid: string): HowWritten {
  if (standing === undefined) return "new";
  return ownershipOf(standing, uid) === "ours" ? "changed" : "adopted";
}

function isAs(wanted: Wanted, stored: NetworkPolicy | undefined, namespace: NamespaceFacts): boolean {
  if (stored === undefined) return false;
  const { labelled, namespaceUid } = standingPolicy(stored);
  return labelled && namespaceUid === namespace.uid && specDigest(stored.spec) === wanted.specDigest;
}
