import { z } from "zod";
import { labelKey, labelValue } from "../document/kubernetes-names.ts";
import { compileSelector, type Selector, type SelectorDomain } from "../network/selector.ts";
import type { LabelSelector } from "../wire/meta.ts";

const requirement = z
  .strictObject({
    key: labelKey.describe("The label."),
    operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]).describe("How its value is looked at."),
    values: z.array(labelValue).exactOptional().describe("For In and NotIn."),
  })
  .superRefine(({ operator, values = [] }, context) => {
    const wanted = operator === "In" || operator === "NotIn";
    if (wanted !== values.length > 0) {
      context.addIssue(wanted ? `names no values, which ${operator} needs` : `names values for ${operator}`);
    }
  });

/** A label selector as Kubernetes writes them; `{}` selects everything. */
export const labelSelector: z.ZodType<LabelSelector> = z.strictObject({
  matchLabels: z.record(labelKey, labelValue).exactOptional().describe("Labels, all of them at once."),
  matchExpressions: z.array(requirement).exactOptional().describe("Further conditions."),
});

/** The same, compiled. */
export function compiledSelector(domain: SelectorDomain) {
  return labelSelector.transform((selector, context): Selector => {
    const compiled = compileSelector(selector, domain);
    if (compiled !== undefined) return compiled;
    context.addIssue("must be a label selector");
    return z.NEVER;
  });
}
