import { describe, expect, test } from "vitest";
import { RingfenceError } from "#src/errors.ts";
import type { Decide, Verdict } from "#src/model/verdict.ts";
import { namespace, namespaceReview, policy, policyReview, responseOf, uid } from "./reviews.ts";
import { denied, patch, recording } from "./verdicts.ts";
import { allowed, post, startWebhook } from "./webhook.ts";

const unwritable: Verdict = {
  ...denied,
  get message(): string {
    throw new Error("secret detail");
  },
};

describe("R1: the answer to a valid review", () => {
  test.each([
    ["validate", "plain", uid],
    ["mutate", "plain", uid],
    ["validate", "with characters that JSON escapes", 'ü"\\\u2028-\u{1F600}'],
  ])("R1 /%s is 200, JSON, v1 and echoes a uid %s", async (path, _, id) => {
    await using webhook = await startWebhook();
    const answer = await post(webhook, policyReview({ uid: id }), { path: `/${path}?timeout=3s` });
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toMatch(/^application\/json(;|$)/);
    expect(JSON.parse(answer.text)).toEqual({
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      response: { uid: id, allowed: true },
    });
  });
});

describe("R2: what is no v1 review is answered 400 and never decided", () => {
  const review = policyReview() as { request: object };
  test.each<[string, unknown]>([
    ["v1beta1", { ...review, apiVersion: "admission.k8s.io/v1beta1" }],
    ["another kind", { ...review, kind: "Status" }],
    ["no request", { ...review, request: undefined }],
    ["a request that is no object", { ...review, request: [] }],
    ["no JSON", "{"],
    ["an empty body", ""],
    ["null", "null"],
    ["no uid", policyReview({ uid: undefined })],
    ["an empty uid", policyReview({ uid: "" })],
    ["a uid that is no string", policyReview({ uid: 7 })],
    ["CONNECT", policyReview({ operation: "CONNECT" })],
    ["another resource", policyReview({ resource: { group: "", version: "v1", resource: "pods" } })],
    [
      "another group",
      policyReview({ resource: { group: "x.io", version: "v1", resource: "networkpolicies" } }),
    ],
    ["an object that is none", policyReview({ object: 7 })],
    ["an object without metadata", policyReview({ object: {} })],
    ["rules that are no list", policyReview({ object: policy("api", { spec: { ingress: {} } }) })],
    ["a label that is no string", namespaceReview({ object: namespace("shop", { a: 1 }) })],
    [
      "an expression without a key",
      policyReview({ object: policy("api", { spec: { podSelector: { matchExpressions: [{}] } } }) }),
    ],
  ])("R2 %s", async (_, body) => {
    const { decide, subjects } = recording();
    await using webhook = await startWebhook({ validate: decide });
    const answer = await post(webhook, body);
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain("allowed");
    expect(subjects).toEqual([]);
  });
});

describe("R3: methods and paths", () => {
  test.each([
    "/",
    "/validate/",
    "/validate/x",
    "/metrics",
    "/readyz",
    "//validate",
    "/%2e%2e/validate",
    "/%zz",
  ])("R3 an unknown path %s is never served or redirected", async (path) => {
    await using webhook = await startWebhook();
    for (const method of ["GET", "POST"]) {
      const { status } = await post(webhook, policyReview(), { path, method });
      expect([400, 404]).toContain(status);
    }
  });

  test.each(["GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])(
    "R3 %s is 405 with Allow",
    async (method) => {
      await using webhook = await startWebhook();
      for (const path of ["/validate", "/mutate?timeout=1s"]) {
        const answer = await post(webhook, "", { path, method });
        expect(answer.status).toBe(405);
        expect(answer.headers.allow).toBe("POST");
      }
    },
  );

  test.each([
    ["application/json", 200],
    ["application/json; charset=utf-8", 200],
    ["APPLICATION/JSON", 200],
    ["application/vnd.kubernetes+json", 200],
    ["text/plain", 415],
    ["application/jsonp", 415],
    ["", 415],
  ])("content type %j is answered %i", async (type, status) => {
    await using webhook = await startWebhook();
    const answer = await post(webhook, policyReview(), { headers: { "content-type": type } });
    expect(answer.status).toBe(status);
  });
});

describe("patches", () => {
  test("R4 /validate never carries a patch, whatever was decided", async () => {
    await using webhook = await startWebhook({ validate: () => ({ ...allowed, patch }) });
    const response = responseOf(await post(webhook, policyReview()));
    expect(response).toEqual({ uid, allowed: true });
  });

  test("R5 /mutate carries base64 of the array and patchType, or neither", async () => {
    const verdicts = [{ ...allowed, patch }, { ...allowed, patch: [] }, allowed];
    await using webhook = await startWebhook({ mutate: () => verdicts.shift() ?? allowed });
    const ask = async (): Promise<ReturnType<typeof responseOf>> =>
      responseOf(await post(webhook, policyReview(), { path: "/mutate" }));
    const { patchType, patch: encoded } = await ask();
    expect(patchType).toBe("JSONPatch");
    expect(JSON.parse(Buffer.from(encoded ?? "", "base64").toString())).toEqual(patch);
    expect(await ask()).toEqual({ uid, allowed: true });
    expect(await ask()).toEqual({ uid, allowed: true });
  });

  test("R20 the answer to a DELETE carries no patch, whatever was decided", async () => {
    await using webhook = await startWebhook({ mutate: () => ({ ...allowed, patch }) });
    const review = policyReview({ operation: "DELETE", object: null, oldObject: policy() });
    expect(responseOf(await post(webhook, review, { path: "/mutate" }))).toEqual({ uid, allowed: true });
  });
});

describe("denials and errors", () => {
  test("R6 a denial is 403 Forbidden with the whole message and nothing that kubectl would print instead", async () => {
    await using webhook = await startWebhook({ validate: () => denied });
    const response = responseOf(await post(webhook, policyReview()));
    expect(response.allowed).toBe(false);
    expect(response.status).toEqual({ code: 403, reason: "Forbidden", message: denied.message });
  });

  test("R7 a message with too many findings says how many were left out", async () => {
    const lines = Array.from({ length: 1_000 }, (_, n) => `- rule-${n} at spec: ${"x".repeat(60)}`);
    const message = `NetworkPolicy shop/api breaks profile baseline (1000 findings)\n${lines.join("\n")}`;
    await using webhook = await startWebhook({ validate: () => ({ ...denied, message }) });
    const { status } = responseOf(await post(webhook, policyReview()));
    const kept = status?.message.match(/^- rule-/gm)?.length ?? 0;
    expect(kept).toBeGreaterThan(100);
    expect(status?.message).toMatch(new RegExp(`\n… and ${1_000 - kept} more findings$`));
    expect(status?.message.length).toBeLessThan(20_000);
  });

  test.each<[string, Decide, string]>([
    [
      "a bug",
      () => {
        throw new Error("secret detail");
      },
      "internal",
    ],
    ["a rejected promise", () => Promise.reject(new TypeError("secret detail")), "internal"],
    ["no decision at all", () => undefined as unknown as Verdict, "internal"],
    ["a promise of nothing", () => Promise.resolve(undefined as unknown as Verdict), "internal"],
    ["a verdict that cannot be written", () => unwritable, "internal"],
    ["a promise of a verdict that cannot be written", () => Promise.resolve(unwritable), "internal"],
    [
      "a rule that threw",
      () => {
        throw new RingfenceError("RF_ERR_RULE", "rule x failed");
      },
      "RF_ERR_RULE",
    ],
  ])("R8 %s is 500 without Retry-After, stack or a verdict", async (_, decide, code) => {
    await using webhook = await startWebhook({ validate: decide, mutate: decide });
    for (const path of ["validate", "mutate"]) {
      const answer = await post(webhook, policyReview(), { path: `/${path}` });
      expect(answer.status).toBe(500);
      expect(answer.headers["retry-after"]).toBeUndefined();
      expect(answer.text).not.toMatch(/allowed|secret detail|\.ts/);
      expect(answer.text).toContain(uid);
      expect(await webhook.sample("ringfence_admission_failures_total", { webhook: path, code })).toBe(1);
    }
    expect(webhook.lines().filter((line) => line["uid"] === uid)).toHaveLength(2);
  });
});
