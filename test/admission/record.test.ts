import { describe, expect, test } from "vitest";
import type { Verdict } from "#src/model/verdict.ts";
import { modeLoosened } from "#src/rules/mode-loosened.ts";
import { orEdSelectors } from "#src/rules/or-ed-selectors.ts";
import { tooComplex } from "#src/rules/too-complex.ts";
import { parseMetrics } from "../control-plane/metrics.ts";
import { namespaceReview, policy, policyReview, uid } from "../server/reviews.ts";
import { denied, patch } from "../server/verdicts.ts";
import { allowed, post, startWebhook } from "../server/webhook.ts";

describe("what is left behind of a request", () => {
  const judged: Verdict = {
    ...denied,
    findings: [
      {
        rule: orEdSelectors,
        finding: { message: "or", path: [], key: "k", data: {} },
        introduced: true,
        effect: "deny",
        modes: ["enforce", "audit"],
      },
      {
        rule: tooComplex,
        finding: { message: "x", path: [], key: "k", data: {} },
        introduced: true,
        effect: "none",
        modes: ["warn"],
        excused: { by: "waiver", reason: "r" },
      },
    ],
    failed: [{ rule: "some-rule", error: new Error("threw") }],
    held: 120,
  };

  test("R85 counts by webhook, operation, resource, decision and dry run, and by rule, mode and effect", async () => {
    await using webhook = await startWebhook({
      validate: () => judged,
      mutate: () => ({ ...allowed, patch }),
    });
    await post(webhook, policyReview({ dryRun: true }));
    await post(webhook, policyReview(), { path: "/mutate" });
    await post(webhook, namespaceReview({ operation: "UPDATE" }), { path: "/mutate" });
    const requests = (labels: Record<string, string>): Promise<number> =>
      webhook.sample("ringfence_admission_requests_total", labels);
    const first = { webhook: "validate", operation: "CREATE", resource: "networkpolicies" };
    expect(await requests({ ...first, decision: "denied", dry_run: "true" })).toBe(1);
    expect(await requests({ ...first, webhook: "mutate", decision: "patched", dry_run: "false" })).toBe(1);
    expect(await requests({ webhook: "mutate", operation: "UPDATE", resource: "namespaces" })).toBe(1);
    const findings = (mode: string): Promise<number> =>
      webhook.sample("ringfence_rule_findings_total", { rule: "or-ed-selectors", mode, effect: "deny" });
    expect(await findings("enforce")).toBe(1);
    expect(await findings("audit")).toBe(1);
    expect(await webhook.sample("ringfence_rule_excused_total", { rule: "too-complex", by: "waiver" })).toBe(
      1,
    );
    expect(await webhook.sample("ringfence_rule_errors_total", { rule: "some-rule" })).toBe(1);
    expect(await webhook.sample("ringfence_admission_hold_seconds_sum")).toBeCloseTo(0.12);
    const bucket = (le: string): Promise<number> =>
      webhook.sample("ringfence_admission_duration_seconds_bucket", { webhook: "mutate", le });
    expect(await bucket("10")).toBe(2);
    expect(await bucket("0.001")).toBeLessThanOrEqual(2);
  });

  test("R85 a guard, which speaks whatever the mode, is counted once", async () => {
    const finding = { message: "lowered", path: [], key: "k", data: {} };
    const modes = ["enforce", "warn", "audit"] as const;
    const findings = [{ rule: modeLoosened, finding, introduced: true, effect: "deny" as const, modes }];
    await using webhook = await startWebhook({ validate: () => ({ ...denied, findings }) });
    await post(webhook, namespaceReview({ operation: "UPDATE" }));
    const samples = parseMetrics(await webhook.metrics.text(), "ringfence_rule_findings_total");
    expect(samples.filter(({ value }) => value > 0)).toEqual([
      {
        name: "ringfence_rule_findings_total",
        labels: new Map([
          ["rule", "mode-loosened"],
          ["mode", "none"],
          ["effect", "deny"],
        ]),
        value: 1,
      },
    ]);
  });

  test("R85 no label takes its values from names, namespaces, users or uids", async () => {
    await using webhook = await startWebhook({ validate: () => judged });
    await post(webhook, policyReview({ name: "name-of-a-user", userInfo: { username: "user-of-a-user" } }));
    const text = await webhook.metrics.text();
    expect(text).not.toMatch(/name-of-a-user|user-of-a-user|shop/);
    expect(text).not.toContain(uid);
  });

  test("R86 one line for each admission, with who, what and why, and never the body", async () => {
    await using webhook = await startWebhook({ validate: () => judged });
    const object = policy("api", {
      metadata: { name: "api", namespace: "shop", annotations: { a: "body-text" } },
    });
    await post(webhook, policyReview({ object, dryRun: true }));
    const lines = webhook.lines().filter((line) => line["msg"] === "admission");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: "info",
      uid,
      webhook: "validate",
      operation: "CREATE",
      resource: "networkpolicies",
      namespace: "shop",
      name: "api",
      user: "jane",
      dryRun: true,
      verdict: "denied",
      rules: "or-ed-selectors,too-complex",
      durationMs: expect.any(Number) as number,
    });
    expect(JSON.stringify(webhook.lines())).not.toContain("body-text");
  });
});
