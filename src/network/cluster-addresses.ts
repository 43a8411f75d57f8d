import type { ClusterFacts, Fact } from "../wire/cluster-facts.ts";
import { parseAddress } from "./address.ts";
import { parseCidr, rangeOf, rangesOf, singleAddress } from "./cidr.ts";
import type { Family } from "./address.ts";
import type { Block, Cidr, Range } from "./cidr.ts";

/** What in this cluster may have an address. */
export const addressKinds = ["services", "pods", "nodes"] as const;
export type AddressKind = (typeof addressKinds)[number];

/** Ranges that are certainly of pods, Services or nodes. What lies in none of them may be the cluster's all the same. */
export interface ClusterAddresses extends Readonly<Record<AddressKind, RangeSet>> {
  /** Pods have addresses of both families; false also where only one of them is known. */
  readonly dualStack: boolean;
}

/** The facts that tell ranges. */
export type AddressFacts = Pick<ClusterFacts, "nodes" | "controlPlaneNodes" | "serviceCidrs">;

/** Ranges that are known besides, such as configured ones. */
export type KnownRanges = Readonly<Record<AddressKind, readonly string[]>>;

/**
 * The cluster's addresses; undefined where nothing at all is known of them. Of many nodes a few are known, and so are the
 * ranges of their pods; what is not read is not known, and nothing more.
 */
export function clusterAddresses(
  facts: AddressFacts | undefined,
  known: KnownRanges,
): ClusterAddresses | undefined {
  const nodes = [...(valueOf(facts?.nodes)?.nodes ?? []), ...(valueOf(facts?.controlPlaneNodes) ?? [])];
  const pods = new RangeSet([...known.pods, ...nodes.flatMap(({ podCIDRs }) => podCIDRs)]);
  const services = new RangeSet([...known.services, ...(valueOf(facts?.serviceCidrs) ?? [])]);
  const own = new RangeSet([...known.nodes, ...nodes.flatMap(({ addresses }) => addresses)]);
  if (pods.isEmpty && services.isEmpty && own.isEmpty) return undefined;
  const dualStack = [pods, services].some((ranges) => ranges.has(4) && ranges.has(6));
  return { pods, services, nodes: own, dualStack };
}

function valueOf<T>(fact: Fact<T> | undefined): T | undefined {
  return fact?.state === "read" ? fact.value : undefined;
}

/** Ranges of both families, asked in the time that a binary search takes. */
export class RangeSet {
  readonly #ranges: Readonly<Record<Family, readonly Range[]>>;

  /** Ranges or single addresses; what cannot be read is left out. */
  constructor(texts: readonly string[]) {
    const blocks = texts.flatMap((text) => {
      const cidr = readRange(text);
      return cidr === undefined ? [] : [{ cidr, except: [] }];
    });
    this.#ranges = { 4: rangesOf(blocks, 4), 6: rangesOf(blocks, 6) };
  }

  get isEmpty(): boolean {
    return !this.has(4) && !this.has(6);
  }

  /** Whether there are addresses of this family. */
  has(family: Family): boolean {
    return this.#ranges[family].length > 0;
  }

  /** Whether all addresses of the range are in these. */
  holds(range: Cidr): boolean {
    const ranges = this.#ranges[range.family];
    const [base, last] = rangeOf(range);
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranges[middle]?.[0] ?? base) <= base) low = middle + 1;
      else high = middle;
    }
    const found = ranges[low - 1];
    return found !== undefined && last <= found[1];
  }

  /** Whether one address of the block is in these. */
  overlaps(block: Block): boolean {
    const { family } = block.cidr;
    const own = this.#ranges[family];
    return rangesOf([block], family).some(([base, last]) =>
      own.some(([from, to]) => from <= last && base <= to),
    );
  }
}

function readRange(text: string): Cidr | undefined {
  if (text.includes("/")) return parseCidr(text);
  const address = parseAddress(text);
  return address && singleAddress(address);
}
