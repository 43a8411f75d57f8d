/** What somebody else does to a companion again and again, and how long its next repair waits. */
export interface Fights {
  /**
   * The companion is to be written. Milliseconds to wait before that; 0: at once. `digest` is of what it is to say.
   */
  delay(namespace: string, name: string, digest: string): number;
  /** It was written. */
  written(namespace: string, name: string, digest: string): void;
  /** Whether the companion has been repaired so often that repairs are slowed. */
  contested(namespace: string, name: string): boolean;
  /** Milliseconds until the first of the namespace's contested companions is not contested any more, unless it goes on. */
  untilPeace(namespace: string): number | undefined;
  /** The companions of the namespace are these now; what is known of others is forgotten. */
  keep(namespace: string, names: ReadonlySet<string>): void;
  forget(namespace: string): void;
}

interface Written {
  readonly digest: string;
  /** Writes of the same in a row, each of which somebody else undid before long. */
  readonly repairs: number;
  readonly at: number;
}

/** Repairs that are made at once: an edit by mistake is undone without delay. */
const atOnce = 3;
/** Milliseconds. */
const firstDelay = 1_000;
const longestDelay = 60_000;
/** A companion that stood for so much longer than its last delay is not fought over any more. */
const peace = 60_000;

export function createFights(now: () => number): Fights {
  const namespaces = new Map<string, Map<string, Written>>();
  const of = (namespace: string, name: string): Written | undefined => namespaces.get(namespace)?.get(name);
  const untilOver = ({ repairs, at }: Written): number => at + delayAfter(repairs) + peace - now();
  const isOver = (written: Written): boolean => untilOver(written) <= 0;
  const isContested = (written: Written): boolean => written.repairs >= atOnce && !isOver(written);
  return {
    delay(namespace, name, digest) {
      const last = of(namespace, name);
      if (last === undefined || last.digest !== digest || isOver(last)) return 0;
      return Math.max(0, last.at + delayAfter(last.repairs) - now());
    },
    written(namespace, name, digest) {
      const written = namespaces.get(namespace) ?? new Map<string, Written>();
      namespaces.set(namespace, written);
      const last = written.get(name);
      const again = last !== undefined && last.digest === digest && !isOver(last);
      written.set(name, { digest, repairs: again ? last.repairs + 1 : 0, at: now() });
    },
    contested(namespace, name) {
      const last = of(namespace, name);
      return last !== undefined && isContested(last);
    },
    untilPeace(namespace) {
      const contested = [...(namespaces.get(namespace)?.values() ?? [])].filter(isContested);
      return contested.length === 0 ? undefined : Math.min(...contested.map(untilOver));
    },
    keep(namespace, names) {
      const written = namespaces.get(namespace);
      for (const name of written?.keys() ?? []) if (!names.has(name)) written?.delete(name);
      if (written?.size === 0) namespaces.delete(namespace);
    },
    forget: (namespace) => void namespaces.delete(namespace),
  };
}

function delayAfter(repairs: number): number {
  return repairs < atOnce ? 0 : Math.min(longestDelay, firstDelay * 2 ** (repairs - atOnce));
}
