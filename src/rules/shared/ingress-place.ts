// Where findings about the ingress of a namespace's pods are shown.

import type { PolicySubject } from "../../model/subject.ts";
import { speaksOf } from "../../network/walk.ts";
import type { Place } from "./dns-question.ts";

/** The request's own ingress; the namespace, where the request is a deletion or its policy has nothing to do with ingress. */
export function ingressPlaceOf({ compiled }: Pick<PolicySubject, "compiled">): Place {
  return compiled?.isolates.ingress === true
    ? { path: ["spec", "ingress"], where: "" }
    : { path: [], where: "in this namespace " };
}

/**
 * Whether the request's policy speaks of ingress, now or before, or it is about no policy: then those that stand are
 * asked about.
 */
export function concernsIngress({ object, oldObject }: PolicySubject): boolean {
  if (object === undefined && oldObject === undefined) return true;
  return [object?.spec, oldObject?.spec].some((spec) => spec !== undefined && speaksOf(spec, "ingress"));
}
