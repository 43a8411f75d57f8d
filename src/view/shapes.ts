import type { LabelSet } from "../network/labels.ts";
import type { NamedPort } from "../network/ports.ts";
import type { WorkloadFacts } from "../network/workloads.ts";

/** A pod or template without its name: thousands of them have the same. */
export interface Shape extends Omit<WorkloadFacts, "name" | "root"> {
  /** As `ownerOf` has it. */
  readonly owner: string | undefined;
}

/** One shared instance for equal shapes. The labels must be interned. */
export class Shapes {
  /** An entry lives as long as its label set, and so as long as one of its shapes is held. */
  readonly #byLabels = new WeakMap<LabelSet, Shape[]>();

  /** The shared shape of these facts. */
  share(facts: WorkloadFacts, owner: string | undefined): Shape {
    const standing = this.#byLabels.get(facts.labels);
    const found = standing?.find((shape) => shape.owner === owner && sameShape(shape, facts));
    if (found !== undefined) return found;
    const { kind, labels, namedPorts, hostNetwork, dnsPolicy, terminating, finished, apiAccount } = facts;
    const common = { kind, labels, namedPorts, hostNetwork, dnsPolicy, terminating, finished, owner };
    const shape = apiAccount === undefined ? common : { ...common, apiAccount };
    if (standing === undefined) this.#byLabels.set(labels, [shape]);
    else standing.push(shape);
    return shape;
  }
}

function sameShape(a: Shape, b: WorkloadFacts): boolean {
  return (
    a.kind === b.kind &&
    a.hostNetwork === b.hostNetwork &&
    a.dnsPolicy === b.dnsPolicy &&
    a.terminating === b.terminating &&
    a.finished === b.finished &&
    a.apiAccount === b.apiAccount &&
    samePorts(a.namedPorts, b.namedPorts)
  );
}

function samePorts(a: readonly NamedPort[], b: readonly NamedPort[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((port, index) => {
    const other = b[index];
    return port.name === other?.name && port.protocol === other.protocol && port.port === other.port;
  });
}
