import { labelSetKey } from "./labels.ts";
import type { LabelSet } from "./labels.ts";
import type { Peer } from "./policy.ts";
import type { PortSet, ServicePort } from "./ports.ts";
import type { Selector } from "./selector.ts";

/**
 * One shared instance for equal content, held weakly: an entry lives as long as somebody else holds it. Chosen over
 * reference counting because nobody has to give anything back, so that no forgotten path leaks. The keys of dead entries
 * are swept out when the table has doubled since the last sweep: constant cost per entry on average, and never more
 * dead keys than there were living ones, or 1 024.
 */
export class InternTable<T extends object> {
  readonly #entries = new Map<string, WeakRef<T>>();
  #sweepAt = minimumSweep;

  /** The instance that stands for `key`; `value` becomes it where there is none. */
  share(key: string, value: T): T {
    const standing = this.#entries.get(key)?.deref();
    if (standing !== undefined) return standing;
    this.#entries.set(key, new WeakRef(value));
    if (this.#entries.size >= this.#sweepAt) this.#sweep();
    return value;
  }

  /** Keys held, those of dead entries included. */
  get size(): number {
    return this.#entries.size;
  }

  #sweep(): void {
    for (const [key, entry] of this.#entries) {
      if (entry.deref() === undefined) this.#entries.delete(key);
    }
    this.#sweepAt = Math.max(minimumSweep, this.#entries.size * 2);
  }
}

const minimumSweep = 1024;

/** What compiled policies and workloads have in common, kept once per content. Made once and passed in. */
export class Interner {
  readonly #labels = new InternTable<LabelSet>();
  readonly #selectors = new InternTable<Selector>();
  readonly #ports = new InternTable<PortSet>();
  readonly #peers = new InternTable<readonly Peer[]>();
  readonly #servicePorts = new InternTable<readonly ServicePort[]>();

  internLabels(labels: LabelSet): LabelSet {
    return this.#labels.share(labelSetKey(labels), labels);
  }

  internSelector(selector: Selector): Selector {
    return this.#selectors.share(`${selector.domain}:${selector.text}`, selector);
  }

  internPorts(ports: PortSet): PortSet {
    return this.#ports.share(ports.text, ports);
  }

  /** `text` is the canonical text of the whole list. */
  internPeers(text: string, peers: readonly Peer[]): readonly Peer[] {
    return this.#peers.share(text, peers);
  }

  internServicePorts(ports: readonly ServicePort[]): readonly ServicePort[] {
    return this.#servicePorts.share(JSON.stringify(ports), ports);
  }
}
