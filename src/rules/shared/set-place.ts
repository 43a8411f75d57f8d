// Which direction of a namespace's policies a request is about, and where findings about the set are shown.

import type { Path } from "../../model/finding.ts";
import type { PolicySubject } from "../../model/subject.ts";
import { speaksOf } from "../../network/walk.ts";
import type { Direction } from "../../wire/network-policy.ts";

/** Where a finding about the set is shown, and how its text then begins. */
export interface Place {
  readonly path: Path;
  readonly where: string;
}

/** The request's own rules; the namespace, where the request is a deletion or its policy has nothing to do with the direction. */
export function placeOf({ compiled }: Pick<PolicySubject, "compiled">, direction: Direction): Place {
  return compiled?.isolates[direction] === true
    ? { path: ["spec", direction], where: "" }
    : { path: [], where: "in this namespace " };
}

/** Whether the request's policy speaks of the direction, now or before. */
export function concerns({ object, oldObject }: PolicySubject, direction: Direction): boolean {
  return [object?.spec, oldObject?.spec].some((spec) => spec !== undefined && speaksOf(spec, direction));
}

/** Whether the request is about no policy: then those that stand are asked about. */
export function isAboutNoPolicy({ object, oldObject }: PolicySubject): boolean {
  return object === undefined && oldObject === undefined;
}
