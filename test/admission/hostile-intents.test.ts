// Intents that are written to keep this server busy: each is answered, and says what is wrong with it.
import { describe, expect, test } from "vitest";
import { parseConfiguration } from "#src/config/load.ts";
import { rules } from "#src/rules/index.ts";
import { validate } from "../support/decisions.ts";
import type { KubernetesObject } from "../support/objects.ts";

const settings = parseConfiguration(
  Buffer.from(`apiVersion: config.ringfence.dev/v1alpha1
kind: RingfenceConfiguration
operators: { groups: [platform] }
dns: { resolvers: [{ namespace: kube-system, pods: { k8s-app: kube-dns } }] }
ceiling: { egress: [{ to: [{ podSelector: {} }] }] }
`),
  "ringfence.yaml",
  rules,
);

const shop = (intent: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: {
    name: "shop",
    uid: "1",
    labels: { "kubernetes.io/metadata.name": "shop", "ringfence.dev/enforce": "baseline" },
    annotations: { "ringfence.dev/network-policies": intent },
  },
});
const asked = (object: KubernetesObject, oldObject: KubernetesObject) =>
  validate({ cluster: [], operation: "UPDATE", object, oldObject, settings });

/** kube-apiserver takes annotations of 256 KiB together. */
const size = 256 * 1024;
const filled = (text: string): string => text.repeat(Math.floor(size / text.length));
const laughs = ["ab", "bc", "cd", "de", "ef"].map(
  ([from, to]) => `${to}: &${to} [${`*${from}, `.repeat(9)}*${from}]`,
);
const bombs = {
  "many keys": Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join("\n"),
  "many connections": `connections:\n${filled("- {from: {a: b}, to: {c: d}}\n").slice(0, size - 20)}`,
  "many faulty connections": `connections:\n${filled("- {a: b, c: d}\n")}`,
  "many labels": `allowMonitoring: { to: { ${Array.from({ length: 15_000 }, (_, index) => `k${index}: v`).join(", ")} } }`,
  "nested lists": filled("[]").replaceAll("]", "") + filled("[]").replaceAll("[", ""),
  "open mappings": filled("{a: "),
  "many documents": filled("--- {}\n"),
  comments: filled("#\n"),
  "one word": filled("a"),
  "aliases that multiply": ["a: &a [x]", ...laughs, "connections: *f"].join("\n"),
  "an alias of itself": "connections: &a [*a, *a]",
  "aliases of many ports": `allowMonitoring: { ports: &p [${Array.from({ length: 199 }, (_, index) => index + 1).join(",")}] }
allowIngressFromNamespaces:
${Array.from({ length: 99 }, (_, index) => `- { namespace: n${index}, ports: *p }`).join("\n")}`,
};

describe("an intent of", () => {
  test.each(Object.entries(bombs))("%s is refused as invalid", async (_, intent) => {
    const { allowed, findings, message = "" } = await asked(shop(intent), shop("denyAll: true"));
    expect(allowed).toBe(false);
    const invalid = findings.filter(({ rule }) => rule.id === "intent-invalid");
    expect(invalid.length).toBeGreaterThan(0);
    expect(invalid.length).toBeLessThanOrEqual(20);
    expect(message).toContain("intent-invalid");
  });

  test.each(Object.entries(bombs))("%s that stands may be corrected", async (_, intent) => {
    const { allowed, failed } = await asked(shop("denyAll: true"), shop(intent));
    expect([allowed, failed]).toEqual([true, []]);
  });
});
