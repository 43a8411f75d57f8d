import { describe, expect, it } from "vitest";
import type { Operation, SubjectKind } from "#src/model/subject.ts";
import { engineOf } from "../support/judging.ts";
import { rule } from "../support/rules.ts";
import { modes } from "../support/settings.ts";

const bounds = rule({ id: "bounds", bounds: true });
const created = rule({ id: "created", operations: ["CREATE"] });
const deleted = rule({ id: "deleted", operations: ["DELETE"] });
const restricted = rule({ id: "restricted", profile: "restricted" });
const ofBoth = { ...rule({ id: "of-both" }), kind: ["NetworkPolicy", "Namespace"] as const };

type Asked = [SubjectKind, Operation, string[], string[]];

const baseline: Asked[] = [
  ["NetworkPolicy", "CREATE", ["bounds"], ["created", "of-both"]],
  ["NetworkPolicy", "UPDATE", ["bounds"], ["of-both"]],
  ["NetworkPolicy", "DELETE", [], ["deleted"]],
  ["Namespace", "CREATE", [], ["of-both"]],
  ["Namespace", "DELETE", [], []],
];

describe("the rules that speak", () => {
  // Each answer is kept: one must not be given for another question.
  it.each([baseline, baseline.toReversed()])(
    "are those of kind, operation and modes, whatever was asked before",
    (...asked) => {
      const engine = engineOf([created, bounds, deleted, restricted, ofBoth]);
      const enforced = modes({ enforce: "baseline" });
      for (let time = 0; time < 2; time++) {
        for (const [kind, operation, first, others] of asked) {
          const speaking = engine.speaking(enforced, kind, operation);
          expect(speaking.bounds.rules.map(({ id }) => id)).toEqual(first);
          expect(speaking.others.rules.map(({ id }) => id)).toEqual(others);
        }
      }
      const strict = engine.speaking(modes({ warn: "restricted" }), "NetworkPolicy", "UPDATE");
      expect(strict.others.rules.map(({ id }) => id)).toEqual(["restricted", "of-both"]);
    },
  );
});
