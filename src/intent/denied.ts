import type { Direction } from "../wire/network-policy.ts";
import type { Intent } from "./keys.ts";

/** The keys that allow something in one direction alone. */
export const keysOfDirection = {
  ingress: [
    "allowIngressFromIngress",
    "allowMonitoring",
    "allowIngressFromNamespaces",
    "allowIngressFromCIDRs",
  ],
  egress: ["allowEgressToNamespaces", "allowEgressToCIDRs", "allowKubeAPI", "egressProxy"],
} as const satisfies Record<Direction, readonly (keyof Intent)[]>;

/** The keys that allow something in both; they follow `denyAll` where there is one. */
export const keysOfBoth = [
  "allowIntraNamespace",
  "tenant",
  "connections",
] as const satisfies readonly (keyof Intent)[];

/**
 * The directions that an intent closes for all pods but for what it allows: those of `denyAll`, and those in which a key
 * allows something. A NetworkPolicy that allows closes the rest of its direction anyway; that all pods are meant makes it
 * plain.
 */
export function deniedBy(intent: Intent): Readonly<Record<Direction, boolean>> {
  // No key allows something in a direction that it leaves open: that contradicts it.
  if (intent.denyAll !== undefined) return intent.denyAll;
  const both = keysOfBoth.some((key) => isGiven(intent[key]));
  const denied = (direction: Direction): boolean =>
    both || keysOfDirection[direction].some((key) => isGiven(intent[key]));
  return { ingress: denied("ingress"), egress: denied("egress") };
}

/** Whether a key says anything: a list with an item, a flag that is set. */
export function isGiven(value: Intent[keyof Intent]): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
}
