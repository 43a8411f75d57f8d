import { test as property } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  companionMarks,
  companionName,
  isCompanion,
  isLabelledAsCompanion,
  isNamedAsCompanion,
  otherCompanionName,
} from "#src/intent/companion.ts";

const uid = "0f1a4a66-3f0e-4b2c-9a60-5a5f0c8f3d11";

describe("names of companions", () => {
  test("are the purpose behind one prefix, and another name hangs on the namespace's UID", () => {
    expect(companionName("default-deny")).toBe("ringfence-default-deny");
    expect(otherCompanionName("default-deny", uid)).toMatch(/^ringfence-default-deny-[0-9a-f]{6}$/);
    expect(otherCompanionName("default-deny", "another")).not.toBe(otherCompanionName("default-deny", uid));
  });

  property.prop([fc.stringMatching(/^[a-z0-9][-a-z0-9]{0,300}$/), fc.stringMatching(/^[a-z0-9]$/)])(
    "are such as the API server takes, however long the purpose is",
    (head, last) => {
      for (const name of [companionName(head + last), otherCompanionName(head + last, uid)]) {
        expect(name.length).toBeLessThanOrEqual(253);
        expect(name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
      }
    },
  );

  test("that must be cut stay different from each other", () => {
    const long = "x".repeat(300);
    const names = [`${long}a`, `${long}b`].flatMap((purpose) => [
      companionName(purpose),
      otherCompanionName(purpose, uid),
    ]);
    expect(new Set(names).size).toBe(4);
  });
});

describe("marks of companions", () => {
  const { labels } = companionMarks(uid);

  test.each([
    [{ name: "ringfence-allow-dns", labels }, true, true],
    [{ name: "ringfence-allow-dns" }, true, false],
    [{ name: "allow-dns", labels }, false, true],
    [
      { name: "ringfence-allow-dns", labels: { ...labels, "app.kubernetes.io/managed-by": "helm" } },
      true,
      false,
    ],
  ])("%j", (metadata, named, labelled) => {
    expect(isNamedAsCompanion(metadata)).toBe(named);
    expect(isLabelledAsCompanion(metadata)).toBe(labelled);
    expect(isCompanion(metadata)).toBe(named && labelled);
  });

  test("are a label and an annotation, and no other", () => {
    expect(companionMarks(uid)).toEqual({
      labels: { "app.kubernetes.io/managed-by": "ringfence" },
      annotations: { "ringfence.dev/namespace-uid": uid },
    });
  });
});
