import { describe, expect, test } from "vitest";
import type { Subject } from "#src/model/subject.ts";
import type { Decide } from "#src/model/verdict.ts";
import { namespaceReview, policy, policyReview, uid } from "../server/reviews.ts";
import { allowed, post, startWebhook } from "../server/webhook.ts";

/** Both paths must see the same. */
async function subjectsOf(body: string | Buffer): Promise<{ subjects: Subject[]; statuses: number[] }> {
  const subjects: Subject[] = [];
  const decide: Decide = (subject) => {
    subjects.push(subject);
    return allowed;
  };
  await using webhook = await startWebhook({ validate: decide, mutate: decide });
  const statuses: number[] = [];
  for (const path of ["/validate", "/mutate"]) statuses.push((await post(webhook, body, { path })).status);
  return { subjects, statuses };
}

describe("R66–R68: hostile JSON", () => {
  test("R66 __proto__, constructor and toString among the labels are keys like any other", async () => {
    const labels = '{"__proto__":"a","constructor":"b","toString":"c","hasOwnProperty":"d"}';
    const selector = '{"podSelector":{"matchLabels":{"__proto__":"x"}}}';
    const body = JSON.stringify(
      policyReview({ object: policy("api", { metadata: { name: "api", namespace: "shop", labels: {} } }) }),
    )
      .replace('"labels":{}', `"labels":${labels}`)
      .replace('"spec":{"podSelector":{},"policyTypes":["Egress"]}', `"spec":${selector}`);
    const { subjects, statuses } = await subjectsOf(body);
    expect(statuses).toEqual([200, 200]);
    for (const { object } of subjects) {
      expect(Object.entries(object?.metadata.labels ?? {})).toEqual(
        Object.entries(JSON.parse(labels) as object),
      );
      expect(JSON.stringify(object)).toContain(selector);
    }
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  test("R66 top-level __proto__ and constructor.prototype are ignored, not refused", async () => {
    const body = JSON.stringify(namespaceReview()).replace(
      "{",
      '{"__proto__":{"request":{"uid":"evil"}},"constructor":{"prototype":{"allowed":true}},',
    );
    const { subjects, statuses } = await subjectsOf(body);
    expect(statuses).toEqual([200, 200]);
    expect(subjects.map((subject) => subject.uid)).toEqual([uid, uid]);
  });

  const marker = '"spec":{"podSelector":{},"policyTypes":["Egress"]}';
  const withSpec = (spec: string): string => JSON.stringify(policyReview()).replace(marker, `"spec":${spec}`);

  test.each<[string, string, number]>([
    [
      "10 000 levels in a field that is not read",
      withSpec(`{"x":${"[".repeat(10_000)}${"]".repeat(10_000)}}`),
      200,
    ],
    [
      "10 000 levels in a list of rules",
      withSpec(`{"ingress":${"[".repeat(10_000)}${"]".repeat(10_000)}}`),
      400,
    ],
    [
      "10 000 levels outside of the request",
      JSON.stringify(policyReview()).replace("{", `{"x":${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)},`),
      200,
    ],
    ["a list of a million numbers", withSpec(`{"x":[${"1,".repeat(999_999)}1]}`), 200],
    ["a million ports", withSpec(`{"egress":[{"ports":[${'{"port":1},'.repeat(999_999)}{"port":1}]}]}`), 400],
    [
      "as many ports as fit in an object",
      withSpec(`{"egress":[{"ports":[${'{"port":1},'.repeat(150_000)}{"port":1}]}]}`),
      200,
    ],
    ["a million policy types", withSpec(`{"policyTypes":[${'"Egress",'.repeat(999_999)}"Egress"]}`), 400],
    ["never closed", withSpec("[".repeat(100_000)), 400],
  ])("R67 %s: answered, and the server goes on", async (_, body, status) => {
    const { statuses } = await subjectsOf(body);
    expect(statuses).toEqual([status, status]);
  });

  test("R68 of duplicate keys the last one counts, on both paths", async () => {
    const body = JSON.stringify(policyReview())
      .replace(
        '"name":"api","namespace":"shop","object"',
        '"name":"first","name":"last","namespace":"shop","object"',
      )
      .replace(marker, `"spec":{"podSelector":{"matchLabels":{"a":"1"}}},${marker}`);
    const { subjects, statuses } = await subjectsOf(body);
    expect(statuses).toEqual([200, 200]);
    for (const subject of subjects) {
      expect(subject.name).toBe("last");
      expect(subject.object).toMatchObject({ spec: { podSelector: {}, policyTypes: ["Egress"] } });
    }
    expect(subjects[0]).toEqual(subjects[1]);
  });

  test("R68 bytes that are no UTF-8 become U+FFFD, on both paths; a byte order mark is no JSON", async () => {
    const [before = "", after = ""] = JSON.stringify(policyReview({ name: "NAME" })).split("NAME");
    const body = Buffer.concat([
      Buffer.from(before),
      Buffer.from([0x61, 0xff, 0xc3, 0x28]),
      Buffer.from(after),
    ]);
    const { subjects, statuses } = await subjectsOf(body);
    expect(statuses).toEqual([200, 200]);
    expect(subjects.map(({ name }) => name)).toEqual(["a\uFFFD\uFFFD(", "a\uFFFD\uFFFD("]);
    const marked = Buffer.concat([
      Buffer.from([0xef, 0xbb, 0xbf]),
      Buffer.from(JSON.stringify(policyReview())),
    ]);
    expect((await subjectsOf(marked)).statuses).toEqual([400, 400]);
  });
});
