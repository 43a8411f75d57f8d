import { expect, test } from "vitest";
import { ownershipOf } from "#src/companions/ownership.ts";
import { companionMarks } from "#src/intent/companion.ts";
import { standingPolicy } from "#src/view/companion-index.ts";
import type { ObjectMeta } from "#src/wire/meta.ts";

const uid = "namespace-1";
const { labels, annotations } = companionMarks(uid);

test.each<[string, Partial<ObjectMeta>, string]>([
  ["with the label and the UID of the namespace", { labels, annotations }, "ours"],
  [
    "with more labels and annotations of others",
    { labels: { ...labels, "argocd.argoproj.io/instance": "x" }, annotations: { ...annotations, x: "y" } },
    "ours",
  ],
  [
    "of another namespace's UID",
    { labels, annotations: companionMarks("namespace-0").annotations },
    "adoptable",
  ],
  ["of no UID", { labels }, "adoptable"],
  ["of an empty UID", { labels, annotations: { "ringfence.dev/namespace-uid": "" } }, "adoptable"],
  ["without the label, whatever its annotation says", { annotations }, "foreign"],
  [
    "managed by somebody else",
    { labels: { "app.kubernetes.io/managed-by": "Helm" }, annotations },
    "foreign",
  ],
  ["without anything", {}, "foreign"],
])("a policy %s", (_, metadata, ownership) => {
  const policy = standingPolicy({
    metadata: { name: "ringfence-allow-dns", namespace: "shop", uid: "1", ...metadata },
    spec: { podSelector: {} },
  });
  expect(ownershipOf(policy, uid)).toBe(ownership);
});
