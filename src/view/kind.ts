import type { ObjectMeta } from "../wire/meta.ts";

/**
 * Takes the objects of one kind, as a reflector delivers them. Between `replaceBegin` and `replaceDone` come all that
 * there are; what was there before is served until then, and what did not come again is then gone.
 */
export interface KindHandler {
  replaceBegin(): void;
  upsert(object: { metadata: ObjectMeta }): void;
  remove(object: { metadata: ObjectMeta }): void;
  replaceDone(): void;
  unreadable(): void;
}

export interface KindOptions<T, R> {
  /** What is kept of an object; undefined: nothing. The same instance as before says that nothing has changed. */
  readonly read: (object: T) => R | undefined;
  /** Called after each change of a record. */
  readonly changed: (namespace: string, name: string, before: R | undefined, after: R | undefined) => void;
  /** Called when the kind becomes known or unknown. */
  readonly settled: () => void;
}

/** The records of one kind by namespace (empty for cluster-wide kinds) and name. */
export class Kind<T extends { metadata: ObjectMeta }, R extends object> implements KindHandler {
  readonly #options: KindOptions<T, R>;
  readonly #records = new Map<string, Map<string, R>>();
  /** Names that came since `replaceBegin`, where some were there before. */
  #seen: Map<string, Set<string>> | undefined = undefined;
  #known = false;

  constructor(options: KindOptions<T, R>) {
    this.#options = options;
  }

  /** Whether a complete list has come; false again while the kind may not be read. */
  get known(): boolean {
    return this.#known;
  }

  get(namespace: string, name: string): R | undefined {
    return this.#records.get(namespace)?.get(name);
  }

  /** How many records there are. */
  get size(): number {
    let size = 0;
    for (const records of this.#records.values()) size += records.size;
    return size;
  }

  /** Namespaces that have records. */
  namespaces(): Iterable<string> {
    return this.#records.keys();
  }

  /** The records of a namespace by name. */
  in(namespace: string): ReadonlyMap<string, R> {
    return this.#records.get(namespace) ?? noRecords;
  }

  replaceBegin(): void {
    this.#seen = this.#records.size === 0 ? undefined : new Map();
  }

  upsert(object: T): void {
    const { namespace = "", name = "" } = object.metadata;
    this.#see(namespace, name);
    this.#set(namespace, name, this.#options.read(object));
  }

  remove(object: T): void {
    const { namespace = "", name = "" } = object.metadata;
    this.#set(namespace, name, undefined);
  }

  replaceDone(): void {
    const seen = this.#seen;
    this.#seen = undefined;
    if (seen !== undefined) {
      for (const [namespace, records] of this.#records) {
        const names = seen.get(namespace);
        for (const name of records.keys()) {
          if (names?.has(name) !== true) this.#set(namespace, name, undefined);
        }
      }
    }
    if (this.#known) return;
    this.#known = true;
    this.#options.settled();
  }

  unreadable(): void {
    if (!this.#known) return;
    this.#known = false;
    this.#options.settled();
  }

  #see(namespace: string, name: string): void {
    if (this.#seen === undefined) return;
    const names = this.#seen.get(namespace);
    if (names === undefined) this.#seen.set(namespace, new Set([name]));
    else names.add(name);
  }

  #set(namespace: string, name: string, after: R | undefined): void {
    const records = this.#records.get(namespace);
    const before = records?.get(name);
    if (after === before) return;
    if (after === undefined) {
      records?.delete(name);
      if (records?.size === 0) this.#records.delete(namespace);
    } else if (records === undefined) this.#records.set(namespace, new Map([[name, after]]));
    else records.set(name, after);
    this.#options.changed(namespace, name, before, after);
  }
}

const noRecords: ReadonlyMap<string, never> = new Map<string, never>();

/** Hands everything to both, in this order. */
export function handOn(first: KindHandler, second: KindHandler): KindHandler {
  return {
    replaceBegin() {
      first.replaceBegin();
      second.replaceBegin();
    },
    upsert(object) {
      first.upsert(object);
      second.upsert(object);
    },
    remove(object) {
      first.remove(object);
      second.remove(object);
    },
    replaceDone() {
      first.replaceDone();
      second.replaceDone();
    },
    unreadable() {
      first.unreadable();
      second.unreadable();
    },
  };
}
