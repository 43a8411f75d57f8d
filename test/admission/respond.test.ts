import { describe, expect, test } from "vitest";
import { policyReview, responseOf } from "../server/reviews.ts";
import { denied } from "../server/verdicts.ts";
import { allowed, post, startWebhook } from "../server/webhook.ts";

describe("warnings and audit annotations", () => {
  const annotationKey = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

  test("R9 warnings are cut to 256 runes, kept below 4096 in all, and those left out are counted", async () => {
    const warnings = [
      `long ${"ü".repeat(500)}`,
      ...Array.from({ length: 100 }, (_, n) => `w${n} ${"x".repeat(90)}`),
    ];
    await using webhook = await startWebhook({ validate: () => ({ ...allowed, warnings }) });
    const given = responseOf(await post(webhook, policyReview())).warnings ?? [];
    for (const warning of given) expect(Array.from(warning).length).toBeLessThanOrEqual(256);
    expect(given.reduce((sum, warning) => sum + Array.from(warning).length, 0)).toBeLessThan(4_096);
    expect(given.length).toBeGreaterThan(30);
    expect(given.at(-1)).toBe(`… and ${101 - (given.length - 1)} more warnings`);
  });

  test("R10 control characters and broken surrogates of users' texts do not cost the warning", async () => {
    const warnings = ["rule: value a\nb\tc\u0085d\u0000 \uD800 end"];
    await using webhook = await startWebhook({ validate: () => ({ ...allowed, warnings }) });
    const given = responseOf(await post(webhook, policyReview())).warnings;
    expect(given).toEqual(["rule: value a b c d  \uFFFD end"]);
  });

  test("R11 audit annotation keys are names without a slash of at most 63 characters", async () => {
    const auditAnnotations = {
      "enforce-policy": "baseline:v1",
      "ringfence.dev/x y": "z",
      [`-${"k".repeat(100)}-`]: "v".repeat(5_000),
      "///": "nothing left",
    };
    await using webhook = await startWebhook({ validate: () => ({ ...allowed, auditAnnotations }) });
    const given = responseOf(await post(webhook, policyReview())).auditAnnotations ?? {};
    expect(Object.keys(given)).toEqual(["enforce-policy", "ringfence.dev-x-y", "k".repeat(63)]);
    for (const key of Object.keys(given)) expect(key).toMatch(annotationKey);
    for (const value of Object.values(given)) expect(value.length).toBeLessThan(3_000);
  });

  test("R11 where no key is left, the answer has no annotations", async () => {
    const verdict = { ...allowed, auditAnnotations: { "///": "nothing left" } };
    await using webhook = await startWebhook({ validate: () => verdict });
    expect(responseOf(await post(webhook, policyReview()))).not.toHaveProperty("auditAnnotations");
  });

  test("R12 a denial carries its audit annotations", async () => {
    await using webhook = await startWebhook({ validate: () => denied });
    expect(responseOf(await post(webhook, policyReview())).auditAnnotations).toEqual(denied.auditAnnotations);
  });
});
