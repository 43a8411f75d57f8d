import { Counter, Gauge, type Registry } from "@prometheus-io/client";

export interface CompanionCounters {
  /** A companion was written, or not: a verb and a result of closed sets. */
  companionWrite(verb: string, result: string): void;
}

/** What tells of companions; the states are read when they are asked for. */
export function companionMetrics(
  registry: Registry,
  states: () => Readonly<Record<string, number>>,
): CompanionCounters {
  const registers = [registry];
  new Gauge({
    name: "ringfence_companions",
    help: "Companions by state, on the replica that writes them; foreign: names that others have; held-back: directions",
    labelNames: ["state"],
    registers,
    collect(): void {
      for (const [state, count] of Object.entries(states())) this.set({ state }, count);
    },
  });
  const writes = new Counter({
    name: "ringfence_companion_writes_total",
    help: "Writes of companions, by verb and result; moved: it had changed meanwhile; ended: its namespace goes",
    labelNames: ["verb", "result"],
    registers,
  });
  for (const verb of ["create", "apply", "replace", "remove"]) {
    for (const result of ["done", "refused"]) writes.inc({ verb, result }, 0);
  }
  return {
    companionWrite: (verb, result) => {
      writes.inc({ verb, result });
    },
  };
}
