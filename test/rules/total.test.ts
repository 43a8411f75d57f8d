// Mutating admission comes before validation: whatever decodes reaches the rules. None of them may throw.
import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { behindRoutes, ingressControllers } from "../support/behind-routes.ts";
import { mutate, validate } from "../support/decisions.ts";
import { parseObjects } from "../support/objects.ts";
import { asking } from "../support/fixture-requests.ts";
import { cluster } from "../support/fixtures.ts";
import { settingsWith } from "../support/settings.ts";

const word = fc.constantFrom(
  "app",
  "api",
  "kubernetes.io/metadata.name",
  "name",
  "__proto__",
  "constructor",
  "",
  "a,b in (c)",
);
const pairs = fc.array(fc.tuple(word, word), { maxLength: 2 }).map((all) => Object.fromEntries(all));
const partial = { requiredKeys: [] };
const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 3 });

const selector = fc.record(
  {
    matchLabels: pairs,
    matchExpressions: list(
      fc.record(
        {
          key: word,
          operator: fc.constantFrom("In", "NotIn", "Exists", "DoesNotExist", "Equals", ""),
          values: list(word),
        },
        { requiredKeys: ["key", "operator"] },
      ),
    ),
  },
  partial,
);
const address = fc.constantFrom("10.96.0.10/32", "::/0", "0.0.0.0/0", "010.0.0.1/8", "10.0.0.0", "x", "");
const peer = fc.record(
  {
    podSelector: selector,
    namespaceSelector: selector,
    ipBlock: fc.record({ cidr: address, except: list(address) }, { requiredKeys: ["cidr"] }),
  },
  partial,
);
const port = fc.record(
  {
    protocol: fc.constantFrom("TCP", "UDP", "SCTP", "ICMP", ""),
    port: fc.constantFrom<number | string>(53, -1, 70_000, "dns", ""),
    endPort: fc.constantFrom(1, 53, 99_999),
  },
  partial,
);
const spec = fc.record(
  {
    podSelector: selector,
    policyTypes: list(fc.constantFrom("Ingress", "Egress", "Both", "")),
    ingress: list(fc.record({ from: list(peer), ports: list(port) }, partial)),
    egress: list(fc.record({ to: list(peer), ports: list(port) }, partial)),
  },
  partial,
);

/** Services that translate ports, and ranges of both families. */
const more = parseObjects(
  `
apiVersion: v1
kind: Service
metadata: { name: api-ports, namespace: shop }
spec: { selector: { app: api }, ports: [{ port: 53, targetPort: 8053 }, { port: 80, targetPort: http }] }
---
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: { name: kubernetes }
spec: { cidrs: [10.96.0.0/16, "fd00:10:96::/112"] }
`,
  "more",
);
const surroundings = [...cluster, ...behindRoutes, ...more].map((object) => asking("restricted", object));
const settings = settingsWith({
  curableHold: 0,
  ingressControllers,
  operators: { users: new Set(), groups: new Set(["platform"]) },
});

describe("no rule throws", () => {
  test.prop([fc.record({ spec }, partial), fc.record({ spec }, partial), fc.boolean()], { numRuns: 500 })(
    "on any policy that decodes",
    async (written, old, isUpdate) => {
      const made = (parts: object) => ({
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: "api", namespace: "shop" },
        ...parts,
      });
      const request = {
        cluster: surroundings,
        operation: isUpdate ? ("UPDATE" as const) : ("CREATE" as const),
        object: made(written),
        ...(isUpdate ? { oldObject: made(old) } : {}),
        settings,
        facts: "cni/cilium/before-1.17",
      };
      expect((await validate(request)).failed).toEqual([]);
      expect((await mutate(request)).failed).toEqual([]);
    },
  );

  const labels = fc
    .array(
      fc.tuple(
        fc.constantFrom("ringfence.dev/enforce", "ringfence.dev/warn-version", "__proto__", "team"),
        word,
      ),
    )
    .map((all) => Object.fromEntries(all));
  test.prop([labels, labels])("on any labels of a namespace", async (before, after) => {
    const made = (own: Record<string, string>) => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "shop", labels: own },
    });
    const request = {
      cluster,
      operation: "UPDATE" as const,
      oldObject: made(before),
      object: made(after),
      settings,
    };
    expect((await validate(request)).failed).toEqual([]);
  });
});
