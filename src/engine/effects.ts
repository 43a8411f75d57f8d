import type { Finding } from "../model/finding.ts";
import type { Modes, ModeName } from "../model/profile.ts";
import { atLeast } from "../model/profile.ts";
import type { Rule } from "../model/rule.ts";
import { holdsAt } from "../model/rule-versions.ts";
import type { Settings } from "../model/settings.ts";
import type { Subject } from "../model/subject.ts";
import type { Effect } from "../model/verdict.ts";

const judgingModes = ["enforce", "warn", "audit"] as const satisfies readonly ModeName[];

/** The modes under which a rule speaks in a namespace; empty: it need not be run. Guards speak under every mode. */
export function speaksUnder(rule: Rule, modes: Modes): readonly ModeName[] {
  const { profile } = rule;
  switch (profile) {
    case "guard":
      return judgingModes;
    case "advisory":
      return judgingModes.filter(
        (mode) => mode !== "enforce" && (everywhere(rule, mode) || asks(modes, mode, "baseline", rule)),
      );
    case "baseline":
    case "restricted":
      return judgingModes.filter((mode) => everywhere(rule, mode) || asks(modes, mode, profile, rule));
  }
}

function everywhere(rule: Rule, mode: ModeName): boolean {
  return mode === "warn" && rule.everywhere === true;
}

function asks(modes: Modes, mode: ModeName, profile: "baseline" | "restricted", rule: Rule): boolean {
  return atLeast(modes[mode].profile, profile) && holdsAt(rule, modes[mode].version);
}

/** What one finding comes to under the modes; waivers, exceptions and the enforcement switch come later. */
export function effectOf(
  rule: Rule,
  finding: Finding,
  facts: { readonly introduced: boolean; readonly modes: readonly ModeName[]; readonly subject: Subject },
): Effect {
  const message = rule.messages[finding.message];
  if (message?.unknown === true) return facts.modes.includes("audit") ? "audit" : "none";
  const advisory = rule.profile === "advisory" || message?.advisory === true;
  if (rule.profile === "guard") return advisory || !facts.introduced ? "warn" : "deny";
  if (advisory) return milder(facts.modes);
  if (!facts.modes.includes("enforce")) return milder(facts.modes);
  return facts.introduced && !softened(rule, facts.subject) ? "deny" : "warn";
}

/** What one finding in a system namespace comes to: what configuration says, whatever profile the rule has. */
export function systemEffect(
  rule: Rule,
  finding: Finding,
  introduced: boolean,
  { systemNamespaces }: Pick<Settings, "systemNamespaces">,
): Effect {
  const message = rule.messages[finding.message];
  if (message?.unknown === true) return "none";
  const denies = systemNamespaces.action === "deny" && introduced && message?.advisory !== true;
  return denies ? "deny" : "warn";
}

function milder(modes: readonly ModeName[]): Effect {
  if (modes.includes("warn")) return "warn";
  return modes.includes("audit") ? "audit" : "none";
}

/**
 * Where a denial would be a false alarm: a dry run does not see the objects that the same apply brings, and an
 * uninstall deletes in any order.
 */
function softened(rule: Rule, subject: Subject): boolean {
  return (rule.curable && subject.dryRun) || (rule.judges === "set" && subject.operation === "DELETE");
}
