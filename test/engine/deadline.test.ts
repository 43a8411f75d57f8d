import { describe, expect, it } from "vitest";
import { validating } from "#src/admission/decide.ts";
import { repair } from "#src/engine/fixes.ts";
import type { Rule } from "#src/model/rule.ts";
import { Interner } from "#src/network/interner.ts";
import { decidingOn, subjectOf, type Request } from "../support/decisions.ts";
import { asking } from "../support/fixture-requests.ts";
import { cluster } from "../support/fixtures.ts";
import { engineOf, judged } from "../support/judging.ts";
import { finding, rule } from "../support/rules.ts";
import { modes, settingsWith } from "../support/settings.ts";
import { policySubject } from "../support/subjects.ts";
import { viewFromObjects } from "../support/view-from-objects.ts";
import { knowsNothing } from "../support/views.ts";

const late = expect.objectContaining({ code: "RF_ERR_DEADLINE", httpStatus: 500 }) as unknown;

/** Answers "no" so many times, then "yes". */
function expiresAfter(looks: number): { expired: () => boolean; looked: () => number } {
  let count = 0;
  return { expired: () => (count += 1) > looks, looked: () => count };
}

describe("inside a rule", () => {
  const looking = (peers: number, change: Partial<Rule<"NetworkPolicy">> = {}): Rule<"NetworkPolicy"> => ({
    ...rule(),
    check: (_subject, { budget }) => {
      for (let i = 0; i < peers; i += 1) budget.tick();
      return [finding()];
    },
    ...change,
  });
  const long = looking(10_000);

  it("the time is looked at for each thousand peers, and what is used up ends it", () => {
    const enough = expiresAfter(100);
    judged(policySubject(), { rules: [long], expired: enough.expired });
    expect(enough.looked()).toBe(11);
    const short = expiresAfter(5);
    expect(() => judged(policySubject(), { rules: [long], expired: short.expired })).toThrow(late);
    expect(short.looked()).toBe(6);
  });

  it("it is no failure of the rule, whatever its findings may do", () => {
    const advisory = looking(10_000, { profile: "advisory" });
    const ask = () =>
      judged(policySubject(), {
        rules: [advisory],
        modes: modes({ warn: "baseline" }),
        expired: expiresAfter(5).expired,
      });
    expect(ask).toThrow(late);
  });

  it("it ends a repair as well", () => {
    const fixed = looking(0, {
      fix: {
        class: "neutral",
        warning: "w",
        operations: (_subject, { budget }) => {
          for (let i = 0; i < 10_000; i += 1) budget.tick();
          return [];
        },
      },
    });
    const ask = () =>
      repair(policySubject(), engineOf([fixed]), {
        settings: settingsWith(),
        modes: modes({ patch: "baseline" }),
        expired: expiresAfter(5).expired,
        views: () => ({ after: knowsNothing, before: () => knowsNothing }),
      });
    expect(ask).toThrow(late);
  });
});

describe("a namespace with policies of thousands of rules", () => {
  const rulesEach = 2_000;
  const stored = ["one", "two", "three"].map((name) => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace: "shop" },
    spec: {
      podSelector: { matchLabels: { app: name } },
      policyTypes: ["Egress"],
      egress: Array.from({ length: rulesEach }, (_, i) => ({
        to: [{ podSelector: { matchLabels: { app: `app${i}` } } }],
        ports: [{ protocol: "UDP", port: 53 }],
      })),
    },
  }));
  const settings = settingsWith({ curableHold: 0 });
  const view = viewFromObjects([...cluster.map((object) => asking("restricted", object)), ...stored], {
    interner: new Interner(),
    settings,
  });
  const deny = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "deny", namespace: "shop" },
    spec: { podSelector: {}, policyTypes: ["Egress"] },
  };
  const request: Request = { cluster: [], operation: "CREATE", object: deny, settings };

  it("costs an edit no more than its time, looked at while the stored rules are read", async () => {
    const parts = decidingOn(view, settings);
    let looks = 0;
    const until = (limit: number) => ({ ...parts, clock: () => ((looks += 1) > limit ? 1e9 : 0) });
    const waiting = { signal: new AbortController().signal };
    const ask = async (limit: number) => {
      looks = 0;
      return validating(until(limit))(subjectOf(request), waiting);
    };
    const verdict = await ask(Infinity);
    expect(verdict.allowed).toBe(false);
    expect(looks).toBeGreaterThan((stored.length * rulesEach) / 1_000);
    await expect(ask(looks - 1)).rejects.toEqual(late);
  });
});
