import { createController, type CompanionController } from "#src/companions/controller.ts";
import type { Clock } from "#src/companions/queue.ts";
import type { Report } from "#src/companions/state.ts";
import type { PolicyWriter, Version, Written } from "#src/companions/writer.ts";
import { specDigest } from "#src/intent/spec-digest.ts";
import type { NamespaceFacts } from "#src/model/cluster-view.ts";
import type { DueCompanions } from "#src/model/companions.ts";
import { CompanionIndex } from "#src/view/companion-index.ts";
import { nothingDue } from "#src/view/due-companions.ts";
import type { NetworkPolicy, NetworkPolicySpec } from "#src/wire/network-policy.ts";

/** Time that goes on when it is told to. */
export class ManualClock implements Clock {
  time = 0;
  #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  now(): number {
    return this.time;
  }

  sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) resolve();
      else {
        this.#sleepers.push({ at: this.time + milliseconds, wake: resolve });
        signal.addEventListener("abort", () => resolve(), { once: true });
      }
    });
  }

  /** Goes on by so much, waking each sleeper in its turn. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    await settled();
    for (;;) {
      const next = this.#sleepers.reduce((first, { at }) => Math.min(first, at), Infinity);
      if (next > end) break;
      this.time = Math.max(this.time, next);
      const due = this.#sleepers.filter(({ at }) => at <= next);
      this.#sleepers = this.#sleepers.filter(({ at }) => at > next);
      for (const { wake } of due) wake();
      await settled();
    }
    this.time = end;
  }
}

/** Until nothing happens any more without time's going on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export interface WorldWrite {
  readonly verb: "create" | "apply" | "replace" | "remove";
  readonly name: string;
  readonly namespace: string;
  /** Whether anything changed by it. */
  readonly changed: boolean;
}

/**
 * Namespaces, the policies that the API server stores, and a view of them that hears of changes when it is told: enough of
 * a cluster for the controller, with the API server's conflicts and preconditions.
 */
export class World {
  readonly clock = new ManualClock();
  readonly namespaces = new Map<string, NamespaceFacts>();
  readonly due = new Map<string, DueCompanions>();
  readonly stored = new Map<string, NetworkPolicy>();
  readonly writes: WorldWrite[] = [];
  readonly reports: Report[] = [];
  readonly errors: unknown[] = [];
  /** Fields that an apply does not take away from who brought them. */
  stubborn: Partial<NetworkPolicySpec> | undefined = undefined;
  /** What becomes of writes of a namespace instead. */
  readonly refusals = new Map<string, Written | Error>();
  readonly controller: CompanionController;
  readonly #index = new CompanionIndex((namespace, name, after) => {
    this.controller.arrived(namespace, name, after);
  });
  #unheard: (() => void)[] = [];
  #version = 100;
  #uids = 0;

  constructor() {
    this.controller = createController({
      source: {
        namespace: (name) => this.namespaces.get(name),
        due: ({ name }) => this.due.get(name) ?? nothingDue,
        standing: (namespace) => this.#index.in(namespace),
        namespaces: () => this.namespaces.keys(),
      },
      writer: this.#writer(),
      clock: this.clock,
      random: () => 0.5,
      report: (_namespace, reports) => this.reports.push(...reports),
      wrote: () => undefined,
      onError: (_namespace, error) => this.errors.push(error),
    });
  }

  /** A namespace, also one that was there before under this name. */
  namespace(name: string, due: DueCompanions, more: Partial<NamespaceFacts> = {}): void {
    this.#uids += 1;
    this.namespaces.set(name, {
      name,
      uid: `uid-${this.#uids}`,
      labels: new Map(),
      annotations: new Map(),
      terminating: false,
      ...more,
    });
    this.declare(name, due);
  }

  declare(name: string, due: DueCompanions): void {
    this.due.set(name, due);
    this.controller.changed(name);
  }

  /** Somebody else stores a policy, or changes the one that is there. */
  put(namespace: string, name: string, change: Partial<NetworkPolicy>): void {
    const before = this.stored.get(`${namespace}/${name}`);
    this.#store({
      metadata: { namespace, name, uid: this.#newUid(), ...before?.metadata, ...change.metadata },
      spec: change.spec ?? before?.spec ?? { podSelector: {} },
    });
  }

  delete(namespace: string, name: string): void {
    const policy = this.stored.get(`${namespace}/${name}`);
    if (policy === undefined) return;
    this.stored.delete(`${namespace}/${name}`);
    this.#unheard.push(() => this.#index.remove(policy));
  }

  /** The view hears of all, or of so many changes. */
  hear(changes = Infinity): void {
    const heard = this.#unheard.slice(0, changes);
    this.#unheard = this.#unheard.slice(heard.length);
    for (const tell of heard) tell();
  }

  /** Time goes on in small steps, and the view hears of each change with the delay of a step. */
  async live(milliseconds: number, step = 50): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += step) {
      await this.clock.pass(step);
      this.hear();
    }
    await settled();
  }

  names(namespace: string): string[] {
    return [...this.stored.values()]
      .filter(({ metadata }) => metadata.namespace === namespace)
      .map(({ metadata: { name = "" } }) => name)
      .sort();
  }

  #newUid(): string {
    this.#uids += 1;
    return `uid-${this.#uids}`;
  }

  #store(policy: NetworkPolicy): NetworkPolicy {
    this.#version += 1;
    const stored = { ...policy, metadata: { ...policy.metadata, resourceVersion: String(this.#version) } };
    const { namespace = "", name = "" } = stored.metadata;
    this.stored.set(`${namespace}/${name}`, stored);
    this.#unheard.push(() => this.#index.upsert(stored));
    return stored;
  }

  #writer(): PolicyWriter {
    const write = (verb: WorldWrite["verb"], policy: NetworkPolicy, act: (key: string) => Written) => {
      const { namespace = "", name = "" } = policy.metadata;
      const refusal = this.refusals.get(namespace);
      if (refusal instanceof Error) return Promise.reject(refusal);
      if (refusal !== undefined) return Promise.resolve(refusal);
      const before = this.stored.get(`${namespace}/${name}`);
      const written = act(`${namespace}/${name}`);
      const changed = this.stored.get(`${namespace}/${name}`) !== before;
      if (written.result === "done") this.writes.push({ verb, name, namespace, changed });
      return Promise.resolve(written);
    };
    const onto = (key: string, { uid, resourceVersion }: Version): NetworkPolicy | undefined => {
      const there = this.stored.get(key);
      const same = there?.metadata.uid === uid && there.metadata.resourceVersion === resourceVersion;
      return same ? there : undefined;
    };
    return {
      create: (policy) =>
        write("create", policy, (key) => {
          if (this.stored.has(key)) return { result: "moved" };
          const metadata = { ...policy.metadata, uid: this.#newUid() };
          return { result: "done", policy: this.#store({ ...policy, metadata }) };
        }),
      apply: (policy, version) =>
        write("apply", policy, (key) => {
          const there = onto(key, version);
          if (there === undefined) return { result: "moved" };
          return { result: "done", policy: this.#merged(there, policy, this.stubborn) };
        }),
      replace: (policy) =>
        write("replace", policy, (key) => {
          const { uid = "", resourceVersion = "" } = policy.metadata;
          const there = onto(key, { uid, resourceVersion });
          return there === undefined
            ? { result: "moved" }
            : { result: "done", policy: this.#merged(there, policy, undefined) };
        }),
      remove: (namespace, name, version) =>
        write("remove", { metadata: { namespace, name } }, (key) => {
          if (onto(key, version) === undefined) return { result: "moved" };
          this.delete(namespace, name);
          return { result: "done", policy: undefined };
        }),
      read: (namespace, name) => Promise.resolve(this.stored.get(`${namespace}/${name}`)),
    };
  }

  /** What changes nothing leaves the version, as the API server does. */
  #merged(
    there: NetworkPolicy,
    policy: NetworkPolicy,
    kept: Partial<NetworkPolicySpec> | undefined,
  ): NetworkPolicy {
    const { labels, annotations } = policy.metadata;
    const metadata = {
      ...there.metadata,
      labels: { ...there.metadata.labels, ...labels },
      annotations: { ...there.metadata.annotations, ...annotations },
    };
    const spec = { ...policy.spec, ...kept };
    const same =
      specDigest(spec) === specDigest(there.spec) &&
      JSON.stringify(metadata) === JSON.stringify(there.metadata);
    return same ? there : this.#store({ metadata, spec });
  }
}
