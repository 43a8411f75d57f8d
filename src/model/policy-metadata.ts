import { managedByLabel } from "../network/companion-marks.ts";
import { annotationPrefix } from "./namespace-facts.ts";

/** Whether anything is concluded from a policy's label of this key: reviews of policies are read without all others. */
export function isReadLabel(key: string): boolean {
  return key === managedByLabel;
}

/**
 * The same of an annotation: waivers, what looks like one, and the marks of companions. What kubectl applied last is none of
 * these, and as long as all the rest.
 */
export function isReadAnnotation(key: string): boolean {
  return key.includes(annotationPrefix);
}
