import type { z } from "zod";
import { contains, parseCidr } from "../network/cidr.ts";
import type { Direction } from "../wire/network-policy.ts";
import { isGiven, keysOfBoth, keysOfDirection } from "./denied.ts";
import type { Intent } from "./keys.ts";

/** Adds an issue for each pair of keys that cannot both be meant. */
export function checkContradictions(intent: Intent, context: z.RefinementCtx): void {
  const add = (path: (string | number)[], message: string): void =>
    context.addIssue({ code: "custom", path, message });
  for (const direction of ["ingress", "egress"] as const) {
    for (const key of openedIn(intent, direction)) {
      add(
        [key],
        `closes the rest of ${direction}, and denyAll says that ${direction} is open; change one of them`,
      );
    }
  }
  if (isGiven(intent.egressProxy)) {
    for (const [index, { cidr }] of intent.allowEgressToCIDRs.entries()) {
      if (!isPrivate(cidr)) {
        add(
          ["allowEgressToCIDRs", index],
          "is an address range of the internet, which egressProxy leaves to the proxy; leave out one of them",
        );
      }
    }
  }
  for (const [index, { from, to }] of intent.connections.entries()) {
    if (from.namespace !== undefined && to.namespace !== undefined) {
      add(
        ["connections", index],
        "has no end in this namespace; leave out the namespace of that which is here",
      );
    }
  }
}

/** The keys that allow something in a direction that `denyAll` leaves open in so many words. */
function openedIn({ denyAll, ...intent }: Intent, direction: Direction): readonly string[] {
  if (denyAll === undefined || denyAll[direction]) return [];
  const nothing = !denyAll.ingress && !denyAll.egress;
  const keys = [...keysOfDirection[direction], ...(nothing ? keysOfBoth : [])];
  return keys.filter((key) => isGiven(intent[key]));
}

/** Ranges that the internet does not route: RFC 1918, 6598, 3927, 4193, 4291. */
const privateRanges = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "fc00::/7",
  "fe80::/10",
].flatMap((text) => parseCidr(text) ?? []);

function isPrivate(text: string): boolean {
  const range = parseCidr(text);
  return range !== undefined && privateRanges.some((outer) => contains(outer, range));
}
