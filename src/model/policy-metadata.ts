import { managedByLabel } from "../network/companion-marks.ts";
import { annotationPrefix } from "./namespace-facts.ts";

/**
 * Whether anything is concluded from a policy's label of this key. A rule must ask for no other: reviews of policies are
 * read without them, but for those few that JSON.parse reads.
 */
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
