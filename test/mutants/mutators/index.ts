// Mistakes that people make with network policies, one mutator each.
import type { Mutator } from "../mutator.ts";
import { dnsMutators } from "./dns.ts";
import { peerMutators } from "./peers.ts";
import { portMutators } from "./ports.ts";
import { typeMutators } from "./types.ts";

export const mutators: readonly Mutator[] = [
  ...dnsMutators,
  ...peerMutators,
  ...typeMutators,
  ...portMutators,
];
