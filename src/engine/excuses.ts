import { annotationPrefix } from "../model/namespace-facts.ts";
import { nearNames } from "../model/near.ts";
import { isReadAnnotation } from "../model/policy-metadata.ts";
import type { Rule } from "../model/rule.ts";
import type { Settings } from "../model/settings.ts";
import type { Subject } from "../model/subject.ts";
import { expiredExceptionFor } from "./exceptions.ts";
import { cut } from "./cut.ts";
import { annotationsOf, waiverFor, waiverPrefix } from "./waivers.ts";

/**
 * Whether anything is there that could be a waiver or an exception for this rule, or was meant as one. Of most objects
 * nothing is: they need not be looked at any closer, whatever the date. Every waiver's key has our domain in it, and so has
 * every key that is taken for a mistyped one.
 */
export function mayBeExcused(rule: string, subject: Subject, { exceptions }: Settings): boolean {
  const annotations = annotationsOf(subject);
  for (const key in annotations) if (Object.hasOwn(annotations, key) && isReadAnnotation(key)) return true;
  return exceptions.some((exception) => exception.rule === rule);
}

/**
 * Why what looks like a waiver or an exception for this rule does not count, in sentences; undefined where there is
 * nothing of the kind. `known` are all rules: an annotation that names none of them may mean this one.
 */
export function whyNotExcused(
  rule: string,
  subject: Subject,
  settings: Settings,
  facts: { readonly known: readonly Pick<Rule, "id">[]; readonly now: Date },
): string | undefined {
  const sentences: string[] = [];
  const waiver = waiverFor(rule, subject, settings, facts.now);
  if (waiver?.honoured === false)
    sentences.push(`The waiver on this object does not count: ${waiver.refused}.`);
  if (waiver === undefined) sentences.push(...mistyped(rule, subject, facts.known));
  const exception = expiredExceptionFor(rule, subject, settings, facts.now);
  if (exception?.until !== undefined)
    sentences.push(`An exception for this policy has expired: it was valid until ${exception.until}.`);
  return sentences.length === 0 ? undefined : sentences.join(" ");
}

function mistyped(rule: string, subject: Subject, known: readonly Pick<Rule, "id">[]): string[] {
  const keys = Object.keys(annotationsOf(subject));
  if (keys.length === 0) return [];
  const ids = known.map(({ id }) => id);
  const strange = keys.filter((key) => key.startsWith(waiverPrefix) && !ids.includes(nameIn(key)));
  const meant =
    keys.find((key) => !key.startsWith(waiverPrefix) && isPrefixMistyped(key, rule)) ??
    strange.slice(0, compared).find((key) => nearNames(nameIn(key), ids)[0] === rule);
  if (meant === undefined) return [];
  const shown = cut(meant, 100);
  return [`The annotation ${shown} is no waiver of any rule; did you mean ${waiverPrefix}${rule}?`];
}

/** So many annotations that name no rule are looked at: nobody has more, and each is compared with every rule. */
const compared = 5;

function nameIn(key: string): string {
  return key.slice(waiverPrefix.length);
}

/** `waiver.ringfence.dev/or-ed-selectors`, `ringfence.dev/or-ed-selectors`. */
function isPrefixMistyped(key: string, rule: string): boolean {
  return key.endsWith(`${annotationPrefix}${rule}`);
}
