// Verdicts and decisions for the tests of the server.
import type { Subject } from "#src/model/subject.ts";
import type { Decide, Verdict } from "#src/model/verdict.ts";
import { allowed } from "./webhook.ts";

/** Answers with the verdict and keeps what it was asked. */
export function recording(verdict: Verdict = allowed): { decide: Decide; subjects: Subject[] } {
  const subjects: Subject[] = [];
  return {
    subjects,
    decide: (subject) => {
      subjects.push(subject);
      return verdict;
    },
  };
}

export const denied: Verdict = {
  ...allowed,
  allowed: false,
  message:
    "NetworkPolicy shop/api breaks profile baseline (2 findings)\n- or-ed-selectors at spec\n- too-complex",
  auditAnnotations: { "enforce-policy": "baseline:v1", "enforce-violations": "or-ed-selectors" },
};

/** What a fix may do. */
export const patch = [
  { op: "test", path: "/spec/egress/0/ports/0/port", value: 53 },
  { op: "add", path: "/spec/egress/0/ports/-", value: { protocol: "TCP", port: 53 } },
] as const;
