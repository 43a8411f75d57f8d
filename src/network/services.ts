import type { Service } from "../wire/service.ts";
import type { Interner } from "./interner.ts";
import { labelSet } from "./labels.ts";
import type { ServicePort } from "./ports.ts";
import { selectorOf } from "./selector.ts";
import type { Selector } from "./selector.ts";

/** A Service: to which pods it sends, and on which of their ports. */
export interface ServiceFacts {
  readonly name: string;
  /** Undefined: it selects no pods; its endpoints are written by others, or it is a name for something outside. */
  readonly selector: Selector | undefined;
  readonly ports: readonly ServicePort[];
  /** It is reached from outside, and nodes may put their address in the place of the client's. */
  readonly rewritesSource?: true;
}

/** What is kept of a Service; absent fields are as the API server would default them. */
export function serviceFacts({ metadata, spec = {} }: Service, interner: Interner): ServiceFacts {
  const labels = labelSet(spec.selector);
  const selects = labels.size > 0 && spec.type !== "ExternalName";
  const fromOutside = spec.type === "LoadBalancer" || spec.type === "NodePort";
  const ports = (spec.ports ?? []).map(({ name = "", protocol = "TCP", port, targetPort = port }) => ({
    name,
    protocol,
    port,
    // The zero of Go's IntOrString stands for a port that was not given.
    targetPort: targetPort === 0 || targetPort === "" ? port : targetPort,
  }));
  return {
    name: metadata.name ?? "",
    selector: selects ? interner.internSelector(selectorOf(labels, "pods")) : undefined,
    ports: interner.internServicePorts(ports),
    ...(fromOutside && spec.externalTrafficPolicy !== "Local" && { rewritesSource: true as const }),
  };
}
