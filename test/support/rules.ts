import { z } from "zod";
import type { ClusterView } from "#src/model/cluster-view.ts";
import type { Finding } from "#src/model/finding.ts";
import type { Message, Rule } from "#src/model/rule.ts";
import type { PolicySubject } from "#src/model/subject.ts";

/** A finding of `rule()`'s message. */
export function finding(change: Partial<Finding> = {}): Finding {
  return { message: "wrong", path: ["spec"], key: "fault", data: { what: "this" }, ...change };
}

export interface Shape extends Partial<Omit<Rule<"NetworkPolicy">, "check" | "kind" | "messages">> {
  readonly message?: Partial<Message>;
  readonly check?: (subject: PolicySubject, view: ClusterView) => readonly Finding[];
}

/** A rule of the real shape that finds what the test says: one finding on every policy unless said otherwise. */
export function rule({ message, check, ...shape }: Shape = {}): Rule<"NetworkPolicy"> {
  return {
    id: "example",
    profile: "baseline",
    since: "v1",
    curable: false,
    judges: "object",
    kind: "NetworkPolicy",
    operations: ["CREATE", "UPDATE"],
    needs: [],
    options: z.strictObject({}),
    docs: { title: "Example", summary: "s", why: "w", remediation: "r", references: [] },
    messages: {
      wrong: {
        text: "{{what}} is wrong.",
        remedy: "Write that.",
        warning: "{{what}} is wrong; write that",
        ...message,
      },
    },
    check: (subject, { view }) =>
      check === undefined ? (subject.object === undefined ? [] : [finding()]) : check(subject, view),
    ...shape,
  };
}
