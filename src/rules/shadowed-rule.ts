// A rule that opens nothing which other rules of the namespace do not open to the same pods. It does no harm, and no good either:
// whoever takes it away to close something closes nothing. Proven for pods that do not exist yet as well, or not said.

import { z } from "zod";
import type { Budget } from "../network/budget.ts";
import { openingCovered } from "../network/entry-cover.ts";
import type { CoverContext, Opening } from "../network/opening.ts";
import { peerText, type AllowEntry, type CompiledPolicy } from "../network/policy.ts";
import type { PolicySet } from "../network/policy-set.ts";
import { describePorts } from "../network/ports.ts";
import { compareText } from "../network/labels.ts";
import { overlaps } from "../network/selector.ts";
import { directions } from "../network/walk.ts";
import type { Direction } from "../wire/network-policy.ts";
import { defineRule } from "./shared/define-rule.ts";

export const shadowedRule = defineRule({
  id: "shadowed-rule",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: ["namespaces", "policies"],
  options: z.strictObject({}),
  docs: {
    title: "Shadowed rule",
    summary: "A rule opens nothing that other rules do not open to the same pods.",
    why: "Policies add up. A rule within what others open has no effect, and hides what the others do: taking it away closes nothing.",
    remediation: "Delete the rule, or narrow the others where it was meant to be all that is open.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation",
    ],
  },
  messages: {
    shadowed: {
      text: "this rule opens nothing that {{by}} {{do}} not open.",
      remedy: "Delete it, or narrow the others where it was meant to be all that is open.",
      warning: "opens nothing that {{by}} {{do}} not open",
    },
  },
  check(subject, { view, budget }) {
    const { compiled, namespace } = subject;
    const set = view.policies(namespace);
    const facts = view.namespaces?.get(namespace);
    if (compiled === undefined || set === undefined || facts === undefined) return [];
    const context = { own: { name: namespace, labels: facts.labels }, budget };
    return directions.flatMap((direction) =>
      shadowed(compiled, set, direction, context).map(({ rule: { entry, key }, by }) => ({
        message: "shadowed" as const,
        path: ["spec", direction, entry.index],
        key: `${direction} ${key}`,
        data: by === undefined ? { by: "the others together", do: "do" } : { by, do: "does" },
      })),
    );
  },
});

interface NamedOpening extends Opening {
  readonly name: string;
}

interface OwnOpening extends NamedOpening {
  readonly entry: AllowEntry;
  /** What it says, wherever it stands. */
  readonly key: string;
}

/**
 * The rules of the policy that are within the others, with the one that holds them alone where there is one. Of rules that are
 * within each other one stays; which one depends on what they say, not on where they stand.
 */
function shadowed(
  policy: CompiledPolicy,
  set: PolicySet,
  direction: Direction,
  context: CoverContext,
): readonly { readonly rule: OwnOpening; readonly by: string | undefined }[] {
  if (policy[direction].length === 0) return [];
  const others = othersBeside(policy, set, direction, context.budget);
  if (others.length + policy[direction].length < 2) return [];
  const own = policy[direction].map((entry) => ownOpening(policy, entry, direction));
  // What says least is taken away first, and of two that say the same the later.
  const looked = own.toSorted((a, b) => compareText(b.key, a.key) || b.entry.index - a.entry.index);
  const found: { rule: OwnOpening; by: string | undefined }[] = [];
  const gone = new Set<OwnOpening>();
  for (const rule of looked) {
    const near = [...others, ...own.filter((other) => other !== rule && !gone.has(other))];
    context.budget.tick(near.length);
    if (!context.budget.spend(1 + near.length)) break;
    if (openingCovered(rule, near, context) !== true) continue;
    gone.add(rule);
    found.push({ rule, by: holder(rule, near, context) });
  }
  return found;
}

/** What other policies open to some of the same pods, those alone that stay. */
function othersBeside(
  policy: CompiledPolicy,
  set: PolicySet,
  direction: Direction,
  budget: Budget,
): readonly NamedOpening[] {
  budget.tick(set.policies.length);
  return set.policies.flatMap((other) => {
    const { name, subject, terminating } = other;
    if (name === policy.name || terminating || other[direction].length === 0) return none;
    if (!overlaps(subject, policy.subject)) return none;
    return other[direction].map((entry) => ({ subject, entry, name: `policy ${name}` }));
  });
}

const none: readonly NamedOpening[] = [];

function ownOpening({ subject }: CompiledPolicy, entry: AllowEntry, direction: Direction): OwnOpening {
  const peers = entry.peers === "any" ? "anyone" : entry.peers.map(peerText).sort().join("; ");
  const key = `${peers} on ${describePorts(entry.ports)}`;
  return { subject, entry, name: `spec.${direction}[${entry.index}]`, key };
}

/** So many are tried alone. */
const tried = 20;

function holder(
  rule: NamedOpening,
  near: readonly NamedOpening[],
  context: CoverContext,
): string | undefined {
  return near.slice(0, tried).find((other) => openingCovered(rule, [other], context) === true)?.name;
}
