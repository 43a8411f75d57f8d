import { describe, expect, test } from "vitest";
import { parseReview, policyOfReview } from "#src/admission/review.ts";
import type { Subject } from "#src/model/subject.ts";
import { compilePolicy } from "#src/network/dialects/kubernetes.ts";
import type { NetworkPolicy } from "#src/wire/network-policy.ts";
import { namespaceReview, policy, policyReview, responseOf, uid } from "../server/reviews.ts";
import { denied, recording } from "../server/verdicts.ts";
import { post, startWebhook } from "../server/webhook.ts";

describe("shapes of requests", () => {
  async function subjectOf(review: object, path = "validate"): Promise<Subject | undefined> {
    const { decide, subjects } = recording();
    await using webhook = await startWebhook({ validate: decide, mutate: decide });
    responseOf(await post(webhook, review, { path: `/${path}` }));
    return subjects[0];
  }

  test("R13 fields of a newer API are ignored", async () => {
    const review = {
      ...policyReview({ newField: { deep: [1] }, userInfo: { username: "jane", x: {} } }),
      more: true,
    };
    const object = policy("api", {
      spec: { podSelector: { matchFuture: [] }, egress: [{ future: 1 }] },
      status: {},
    });
    expect((await subjectOf(review))?.user).toEqual({ name: "jane", groups: [] });
    expect((await subjectOf(policyReview({ object })))?.name).toBe("api");
  });

  test("R14 options absent, userInfo absent and null in place of what is absent", async () => {
    const object = policy("api", {
      spec: { podSelector: {}, ingress: null, egress: [{ to: null, ports: null }] },
    });
    const nulls = {
      options: undefined,
      userInfo: undefined,
      dryRun: null,
      subResource: null,
      oldObject: null,
      object,
    };
    const subject = await subjectOf(policyReview(nulls));
    expect(subject).toMatchObject({ user: { name: "", groups: [] }, dryRun: false });
    expect(subject?.object).toMatchObject({ spec: { podSelector: {}, egress: [{}] } });
  });

  test("R14 a null object where one must be is a clear 400, not an error of ours", async () => {
    await using webhook = await startWebhook();
    const answer = await post(webhook, policyReview({ object: null }));
    expect(answer).toMatchObject({
      status: 400,
      text: expect.stringContaining("request.object is missing") as string,
    });
  });

  test.each(["validate", "mutate"])(
    "R21 a DELETE on /%s is about oldObject; deletecollection takes the name from it",
    async (path) => {
      const review = policyReview({ operation: "DELETE", name: "", object: null, oldObject: policy("web") });
      const subject = await subjectOf(review, path);
      expect(subject).toMatchObject({ operation: "DELETE", name: "web", namespace: "shop" });
      expect(subject?.object).toBeUndefined();
      expect(subject?.oldObject?.metadata.name).toBe("web");
    },
  );

  test("R22 generateName: /mutate accepts an empty name, for a Namespace an empty namespace too", async () => {
    const object = { kind: "Namespace", apiVersion: "v1", metadata: { generateName: "shop-" } };
    const review = namespaceReview({ name: undefined, namespace: undefined, object });
    expect(await subjectOf(review, "mutate")).toMatchObject({ kind: "Namespace", name: "", namespace: "" });
    const nameless = policyReview({
      name: "",
      object: policy("api", { metadata: { generateName: "api-", namespace: "shop" } }),
    });
    expect(await subjectOf(nameless, "mutate")).toMatchObject({ name: "", namespace: "shop" });
  });

  test("R23 an UPDATE of an object that is being deleted arrives with both objects and the timestamp", async () => {
    const dying = policy("api", {
      metadata: { name: "api", namespace: "shop", deletionTimestamp: "2026-11-21T00:00:00Z" },
    });
    const subject = await subjectOf(
      policyReview({ operation: "UPDATE", object: dying, oldObject: policy() }),
    );
    expect(subject?.object?.metadata.deletionTimestamp).toBe("2026-11-21T00:00:00Z");
    expect(subject?.oldObject?.metadata.deletionTimestamp).toBeUndefined();
  });

  test.each([
    ["status", policyReview],
    ["finalize", namespaceReview],
  ])("R25 a review of /%s is allowed without being judged", async (subResource, review) => {
    const { decide, subjects } = recording(denied);
    await using webhook = await startWebhook({ validate: decide });
    const answer = await post(
      webhook,
      review({ operation: "UPDATE", subResource, object: { kind: "Scale" } }),
    );
    expect(responseOf(answer)).toEqual({ uid, allowed: true });
    expect(subjects).toEqual([]);
    expect(await webhook.sample("ringfence_admission_skipped_total", { reason: "subresource" })).toBe(1);
  });

  test("R31 a differing requestKind changes nothing: the converted object is judged", async () => {
    const requestKind = { group: "extensions", version: "v1beta1", kind: "NetworkPolicy" };
    const requestResource = { group: "extensions", version: "v1beta1", resource: "networkpolicies" };
    const subject = await subjectOf(policyReview({ requestKind, requestResource }));
    expect(subject).toEqual({ ...(await subjectOf(policyReview())), body: expect.any(Buffer) as Buffer });
  });
});

test("a null counts as absent, also where a policy is read again from the bytes", () => {
  const compile = (read: NetworkPolicy) => compilePolicy(read);
  const body = Buffer.from(JSON.stringify(policyReview({ object: policy("api", { spec: null }) })));
  const subject = parseReview(body, compile);
  if (subject.kind !== "NetworkPolicy") throw new Error("no policy");
  expect(subject.compiled?.isolates).toEqual({ ingress: true, egress: false });
  expect(policyOfReview(body, compile)).toEqual(subject.compiled);
});
