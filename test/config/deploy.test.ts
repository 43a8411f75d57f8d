import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { parseConfiguration } from "../../src/config/load.ts";
import { defaultSystemNamespaces } from "../../src/config/schema.ts";
import { unmodelledKinds } from "../../src/network/dialects/unmodelled.ts";
import { namedObjects } from "../../src/kubernetes/facts-list.ts";
import { rules } from "../../src/rules/index.ts";

const read = (name: string) =>
  readFileSync(new URL(`../../deploy/kustomize/${name}`, import.meta.url), "utf8");

const webhooks = z.object({
  webhooks: z.array(
    z.object({
      name: z.string(),
      namespaceSelector: z
        .object({
          matchExpressions: z.array(z.object({ operator: z.string(), values: z.array(z.string()) })),
        })
        .optional(),
    }),
  ),
});

const strings = z.array(z.string());
const clusterRole = z.object({
  rules: z.array(z.object({ apiGroups: strings, resources: strings, verbs: strings })).optional(),
});

function namespacesOf(file: string): ReadonlyMap<string, readonly string[]> {
  const found = parseAllDocuments(read(file)).flatMap((one) => webhooks.parse(one.toJS()).webhooks);
  return new Map(
    found.map(({ name, namespaceSelector }) => [
      name,
      namespaceSelector?.matchExpressions.flatMap(({ values }) => values) ?? [],
    ]),
  );
}

describe("the manifests in deploy/kustomize", () => {
  it.each([
    ["validate.ringfence.dev", "validating-webhooks.yaml"],
    ["system.ringfence.dev", "validating-webhooks.yaml"],
    ["mutate.ringfence.dev", "mutating-webhooks.yaml"],
  ])("name in %s the system namespaces that configuration has by default", (webhook, file) => {
    expect(new Set(namespacesOf(file).get(webhook))).toEqual(new Set(defaultSystemNamespaces));
  });

  it.each(unmodelledKinds)("let the account read each $kind of $group", ({ group, kind }) => {
    const roles = parseAllDocuments(read("rbac.yaml")).map((one) => clusterRole.parse(one.toJS()));
    const plural = `${kind.toLowerCase().replace(/y$/, "")}ies`;
    const granting = roles
      .flatMap((role) => role.rules ?? [])
      .filter(({ apiGroups, resources }) => apiGroups.includes(group) && resources.includes(plural));
    expect(granting.map(({ verbs }) => verbs)).toEqual([["get", "list", "watch"]]);
  });

  it("hold a configuration that is good", () => {
    const { data } = z
      .object({ data: z.record(z.string(), z.string()) })
      .parse(parse(read("configuration.yaml")));
    const text = data["config.yaml"] ?? "";
    expect(parseConfiguration(Buffer.from(text), "config.yaml", rules).defaults.warn.profile).toBe(
      "baseline",
    );
  });

  it("permit the ConfigMaps of kube-system that are read by name, and no others", () => {
    const role = parseAllDocuments(read("rbac.yaml"))
      .map(
        (one) => one.toJS() as { kind: string; rules?: { resources: string[]; resourceNames?: string[] }[] },
      )
      .find(({ kind }) => kind === "Role");
    const start = "kube-system/";
    const names = namedObjects.configMaps
      .filter((id) => id.startsWith(start))
      .map((id) => id.slice(start.length));
    expect(role?.rules).toEqual([
      {
        apiGroups: [""],
        resources: ["configmaps"],
        resourceNames: expect.any(Array) as string[],
        verbs: ["get"],
      },
    ]);
    expect(new Set(role?.rules?.[0]?.resourceNames)).toEqual(new Set(names));
  });
});
