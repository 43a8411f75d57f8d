import type { UnmodelledPolicies } from "../model/cluster-view.ts";
import { describeKind, isMirrored, kindId, type UnmodelledKind } from "../network/dialects/unmodelled.ts";
import type { ObjectMeta } from "../wire/meta.ts";
import { Kind, type KindHandler } from "./kind.ts";

export interface UnmodelledOptions {
  /** Told when the answer for a namespace may have changed. */
  readonly changed: (namespace: string) => void;
  /** Told when the answers for all namespaces may have changed. */
  readonly changedEverywhere: () => void;
}

interface Followed {
  readonly name: string;
  readonly where: "namespace" | "cluster";
  readonly objects: Kind<{ metadata: ObjectMeta }, object>;
}

/** All that is kept of an object: that it is there. */
const present = {};

/**
 * Where policies of kinds that are not modelled stand. Answers are made when something changes, so that asking is one
 * lookup.
 */
export class UnmodelledIndex {
  readonly #options: UnmodelledOptions;
  readonly #kinds = new Map<string, Followed>();
  #unreadable: readonly string[] = [];
  /** The answer for namespaces that have none of their own. */
  #everywhere: readonly UnmodelledPolicies[] = none;
  readonly #byNamespace = new Map<string, readonly UnmodelledPolicies[]>();

  constructor(options: UnmodelledOptions) {
    this.#options = options;
  }

  /** Those that concern the namespace: its own, those of the whole cluster, those of which nobody knows. */
  in(namespace: string): readonly UnmodelledPolicies[] {
    return this.#byNamespace.get(namespace) ?? this.#everywhere;
  }

  /** Begins a kind anew; until its first list is complete, objects of it may stand anywhere. */
  follow(kind: UnmodelledKind, where: "namespace" | "cluster"): KindHandler {
    const rebuild = (): void => this.#rebuild();
    const objects = new Kind<{ metadata: ObjectMeta }, object>({
      read: ({ metadata }) => (isMirrored(kind, metadata.name ?? "") ? undefined : present),
      changed: (namespace) => {
        if (where === "cluster") rebuild();
        else this.#rebuildOne(namespace);
      },
      settled: rebuild,
    });
    this.#kinds.set(kindId(kind), { name: describeKind(kind), where, objects });
    rebuild();
    return objects;
  }

  /** The kind is not served any more: no object of it stands. */
  forget(kind: UnmodelledKind): void {
    if (this.#kinds.delete(kindId(kind))) this.#rebuild();
  }

  /** Groups that are served, and of which nobody knows what is in them. */
  setUnreadable(groups: readonly string[]): void {
    if (groups.join() === this.#unreadable.join()) return;
    this.#unreadable = groups;
    this.#rebuild();
  }

  /** Objects by kind; undefined where they cannot be counted. */
  *counts(): Iterable<readonly [kind: string, objects: number | undefined]> {
    for (const [id, { objects }] of this.#kinds) yield [id, objects.known ? objects.size : undefined];
  }

  #rebuild(): void {
    const kinds = [...this.#kinds.values()];
    this.#everywhere = [
      ...kinds
        .filter(({ where, objects }) => where === "cluster" && objects.known && objects.size > 0)
        .map(({ name }) => ({ name, where: "cluster" }) as const),
      ...kinds
        .filter(({ objects }) => !objects.known)
        .map(({ name }) => ({ name, where: "unreadable" }) as const),
      ...this.#unreadable.map((group) => ({ name: `policies of ${group}`, where: "unreadable" }) as const),
    ];
    this.#byNamespace.clear();
    for (const { where, objects } of kinds) {
      if (where === "cluster") continue;
      for (const namespace of objects.namespaces()) this.#answer(namespace);
    }
    this.#options.changedEverywhere();
  }

  #rebuildOne(namespace: string): void {
    this.#answer(namespace);
    this.#options.changed(namespace);
  }

  #answer(namespace: string): void {
    const own = [...this.#kinds.values()]
      .filter(
        ({ where, objects }) => where === "namespace" && objects.known && objects.in(namespace).size > 0,
      )
      .map(({ name }) => ({ name, where: "namespace" }) as const);
    if (own.length === 0) this.#byNamespace.delete(namespace);
    else this.#byNamespace.set(namespace, [...own, ...this.#everywhere]);
  }
}

const none: readonly UnmodelledPolicies[] = [];
