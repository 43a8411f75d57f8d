import type { ClusterView } from "../model/cluster-view.ts";
import { modesOfMetadata, sameModes } from "../model/modes.ts";
import type { Modes } from "../model/profile.ts";
import { judgesKind, type Rule } from "../model/rule.ts";
import type { NamespaceSubject, PolicySubject } from "../model/subject.ts";
import type { Judged } from "../model/verdict.ts";
import type { NetworkPolicy } from "../wire/network-policy.ts";
import { listed } from "../network/listed.ts";
import type { CompiledPolicy } from "../network/policy.ts";
import { speaksUnder } from "./effects.ts";
import { evaluate, type EvaluateOptions } from "./evaluate.ts";
import { ruleSet, type RuleSet } from "./rule-set.ts";
import { cut } from "./cut.ts";
import { plural, warningText } from "./texts.ts";
import { unmodelledWarnings } from "./unmodelled.ts";

/** How many policies one warning names. */
const named = 5;

/** As of an evaluation, with all rules there are. */
export interface StandingOptions extends Omit<EvaluateOptions, "rules"> {
  readonly rules: readonly Rule[];
}

/**
 * What the policies that stand in a namespace come to when its mode labels change: one line for each rule that begins
 * to speak and has something to say. The labels take effect all the same.
 */
export function standingWarnings(
  subject: NamespaceSubject,
  view: ClusterView,
  options: StandingOptions,
): readonly string[] {
  if (subject.operation !== "UPDATE") return [];
  const before = modesOfMetadata(subject.oldObject?.metadata.labels, options.settings);
  const after = modesOfMetadata(subject.object?.metadata.labels, options.settings);
  if (sameModes(before, after)) return [];
  const begin = options.rules.filter(
    (rule) => judgesKind(rule, "NetworkPolicy") && begins(rule, before, after),
  );
  if (begin.length === 0) return [];
  const rules = begin.filter(({ judges }) => judges === "set");
  const policy = anyPolicyOf(subject);
  const evaluation = evaluate(policy, view, {
    ...options,
    rules: ruleSet(rules, policy.kind, policy.operation),
  });
  const ofTheSet = evaluation.findings
    .filter(({ rule, finding }) => rule.messages[finding.message]?.unknown !== true)
    .map(({ rule, finding }) => warningText(asWarning(rule, finding), " (existing policies)"));
  const leftOut = unmodelledWarnings(subject.namespace, view, evaluation, rules, after);
  // Two versions of a rule may begin at once, for two modes, and say the same.
  return [...new Set([...ofTheSet, ...ofObjects(subject.namespace, begin, view), ...leftOut])];
}

/** The rules that policies are held against when they arrive: those of the object alone. */
export function objectRules(rules: readonly Rule[]): RuleSet {
  const ofObjects = rules.filter(({ judges, needs }) => judges === "object" && needs.length === 0);
  return ruleSet(ofObjects, nobody.kind, nobody.operation);
}

/**
 * Those of the objectRules, with their behaviour, that a policy breaks: found once when it arrives, since nothing raw is
 * kept of it.
 */
export function brokenRules(
  policy: NetworkPolicy,
  compiled: CompiledPolicy,
  view: ClusterView,
  options: EvaluateOptions,
): readonly string[] {
  const { namespace = "", name = "" } = policy.metadata;
  const subject = { ...nobody, namespace, name, object: policy, oldObject: undefined, compiled };
  const { findings } = evaluate(subject, view, options);
  return [...new Set(findings.map(({ rule }) => behaviour(rule)))];
}

function ofObjects(namespace: string, begin: readonly Rule[], view: ClusterView): string[] {
  const broken = view.brokenRules(namespace) ?? new Map<string, readonly string[]>();
  return begin.flatMap((rule) => {
    const { id } = rule;
    const policies = broken.get(behaviour(rule)) ?? [];
    if (policies.length === 0) return [];
    const does = policies.length === 1 ? "breaks" : "break";
    return [
      cut(
        `${id}: ${plural(policies.length, "existing policy", "existing policies")} ${does} it: ${listed(policies, named)}`,
        256,
      ),
    ];
  });
}

/** A rule with its behaviour: the id, and of an older one up to which version it holds. */
function behaviour({ id, until }: Rule): string {
  return until === undefined ? id : `${id} until ${until}`;
}

function begins(rule: Rule, before: Modes, after: Modes): boolean {
  const spoke = speaksUnder(rule, before);
  return rule.profile !== "guard" && speaksUnder(rule, after).some((mode) => !spoke.includes(mode));
}

const nobody = {
  kind: "NetworkPolicy",
  uid: "",
  operation: "UPDATE",
  user: { name: "", groups: [] },
  dryRun: false,
} as const;

/** Stands for the namespace's policies as they are: a request that changes none of them. */
function anyPolicyOf({ namespace, uid }: NamespaceSubject): PolicySubject {
  return {
    ...nobody,
    uid,
    namespace,
    name: "",
    object: undefined,
    oldObject: undefined,
    compiled: undefined,
  };
}

function asWarning(rule: Rule, finding: Judged["finding"]): Judged {
  return { rule, finding, introduced: false, effect: "warn", modes: [] };
}
