import { z } from "zod";
import type { Rule, RuleProfile } from "../../src/model/rule.ts";

const docs = { title: "", summary: "What it is about.", why: "", remediation: "", references: [] };

function rule(id: string, profile: RuleProfile, options: z.ZodType = z.strictObject({})): Rule {
  return {
    id,
    profile,
    since: "v1",
    curable: false,
    judges: "object",
    kind: "NetworkPolicy",
    operations: ["CREATE", "UPDATE"],
    needs: [],
    options,
    docs,
    messages: {},
    check: () => [],
  };
}

/** Rules enough to configure: an ordinary one, one with options, a guard. */
export const someRules: readonly Rule[] = [
  rule("missing-dns-egress", "baseline"),
  rule(
    "or-ed-selectors",
    "baseline",
    z.strictObject({ deny: z.enum(["always", "withEvidence"]).default("always") }),
  ),
  rule("wide-port-range", "restricted", z.strictObject({ widest: z.int().min(1).max(65535).default(1024) })),
  rule("mode-loosened", "guard"),
];
