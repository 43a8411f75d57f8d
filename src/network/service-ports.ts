import { resolveName } from "./ports.ts";
import type { NamedPort, Protocol, ServicePort } from "./ports.ts";
import type { ServiceFacts } from "./services.ts";

/** Pods of one kind, with the Services that send to them. */
export interface Backends {
  readonly services: readonly ServiceFacts[];
  /** Undefined: the pods are not there yet. */
  readonly namedPorts: readonly NamedPort[] | undefined;
}

/** The port of a Service, with the port of the pods that it is sent to. */
export interface Translation {
  readonly service: ServiceFacts;
  readonly target: number;
}

/**
 * Where a Service sends connections to its port of this number, if that is another port of these pods. Undefined where no
 * Service does, where the pods have a port of this number as well, or where it cannot be said.
 */
export function translated(
  { services, namedPorts }: Backends,
  protocol: Protocol,
  port: number,
): Translation | undefined {
  if (namedPorts?.some((each) => each.port === port && each.protocol === protocol) === true) return undefined;
  let found: Translation | undefined;
  for (const service of services) {
    for (const each of service.ports) {
      if (each.protocol !== protocol) continue;
      const target = targetOf(each, protocol, namedPorts);
      if (target === port) return undefined;
      if (each.port !== port) continue;
      if (target === undefined) return undefined;
      found ??= { service, target };
    }
  }
  return found;
}

/** The ports of these Services that are sent to others, whatever their protocol. */
export function translatedPorts(services: Iterable<ServiceFacts>): ReadonlySet<number> {
  const found = new Set<number>();
  for (const { ports } of services) {
    for (const { port, targetPort } of ports) if (targetPort !== port) found.add(port);
  }
  return found;
}

/** Whether the Service has a port of this number, or may send one to a port of this number. */
export function concerns({ ports }: ServiceFacts, protocol: Protocol, port: number): boolean {
  return ports.some(
    (each) =>
      each.protocol === protocol &&
      (each.port === port || each.targetPort === port || typeof each.targetPort === "string"),
  );
}

function targetOf(
  { targetPort }: ServicePort,
  protocol: Protocol,
  namedPorts: readonly NamedPort[] | undefined,
): number | undefined {
  if (typeof targetPort === "number") return targetPort;
  const resolved = resolveName(namedPorts ?? [], targetPort, protocol);
  return resolved.size === 1 ? [...resolved][0] : undefined;
}
