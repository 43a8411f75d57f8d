import jsonpatch from "fast-json-patch";
import { describe, expect, test } from "vitest";
import type { NetworkPolicy } from "#src/wire/network-policy.ts";
import { controlPlane, sharedRingfence, testNamespace, type TestNamespace } from "../support.ts";
import { apply, base, restricted, run, warningsOf } from "../scenarios/scenario.ts";
import { ask, type Answered } from "./ask.ts";
import { manifest } from "./policies.ts";

const patching = { ...restricted, "ringfence.dev/patch": "restricted" };

/** The object as /mutate leaves it: its patch applied by a strict library. */
async function mutate(
  shop: TestNamespace,
  object: NetworkPolicy,
): Promise<{ answer: Answered; patched: NetworkPolicy }> {
  const answer = await ask(sharedRingfence(), "/mutate", { namespace: shop.name, object });
  const patched = jsonpatch.applyPatch(structuredClone(object), [...(answer.patch ?? [])], true).newDocument;
  return { answer, patched };
}

describe.each(["g01-egress-default-deny", "g04-union-admits-dns", "g07-dns-udp-only"])(
  "the patch of %s",
  (file) => {
    test("R16 R17: applies, and its outcome is not patched again", async () => {
      const shop = await testNamespace(patching);
      const { answer, patched } = await mutate(shop, await manifest(file));
      expect(answer.patch?.length).toBeGreaterThan(0);
      const again = await mutate(shop, patched);
      expect(again.answer.patch).toBeUndefined();
    });

    test("R18 R19: appends to the rules, and touches nothing else", async () => {
      const shop = await testNamespace(patching);
      const object = await manifest(file);
      const { answer, patched } = await mutate(shop, object);
      for (const { op, path } of answer.patch ?? []) {
        expect(["test", "add"]).toContain(op);
        if (op === "add") expect(path).toMatch(/^\/spec\/egress(\/|$)/);
      }
      expect(patched.metadata).toEqual(object.metadata);
      expect({ ...patched.spec, egress: undefined }).toEqual({ ...object.spec, egress: undefined });
      const [before, after] = [object.spec?.egress ?? [], patched.spec?.egress ?? []];
      expect(after.length).toBeGreaterThanOrEqual(before.length);
      for (const [index, rule] of before.entries()) {
        expect(after[index]?.to).toEqual(rule.to);
        expect(after[index]?.ports?.slice(0, rule.ports?.length)).toEqual(rule.ports);
      }
    });
  },
);

test("R15: a list that is not there is made before it is added to", async () => {
  const shop = await testNamespace(patching);
  const object = await manifest("g01-egress-default-deny");
  expect(object.spec).not.toHaveProperty("egress");
  const applied = await apply(shop, "g01-egress-default-deny");
  expect(applied.code, applied.stderr).toBe(0);
  expect(warningsOf(applied)[0]).toMatch(/^missing-dns-egress: patched/);
  const { stdout } = await run(shop, [
    "get",
    "networkpolicy",
    "default-deny-egress",
    "-o",
    "jsonpath={.spec.egress[*].ports}",
  ]);
  expect(JSON.parse(stdout)).toEqual([
    { port: 53, protocol: "UDP" },
    { port: 53, protocol: "TCP" },
  ]);
});

test("R17: a policy that follows its namespace at once is patched as any other", async () => {
  const object = await manifest("g07-dns-udp-only");
  for (let round = 0; round < 20; round += 1) {
    const { answer } = await mutate(await testNamespace(patching), object);
    expect(answer.patch, `round ${round}`).toHaveLength(2);
  }
});

test("R18: without the patch label nothing is changed", async () => {
  const shop = await testNamespace(base);
  const { answer } = await mutate(shop, await manifest("g07-dns-udp-only"));
  expect(answer).toEqual({ allowed: true });
});

test("R20: a deletion is never patched", async () => {
  const shop = await testNamespace(patching);
  const oldObject = await manifest("g07-dns-udp-only");
  const answer = await ask(sharedRingfence(), "/mutate", {
    namespace: shop.name,
    operation: "DELETE",
    oldObject,
  });
  expect(answer).toEqual({ allowed: true });
});

test("R17 R89: a patch is seen in the API server's audit log and made once", async () => {
  const shop = await testNamespace(patching);
  const applied = await apply(shop, "g07-dns-udp-only");
  expect(applied.code, applied.stderr).toBe(0);
  const { annotations = {} } = await controlPlane().audit.event({
    verb: "create",
    resource: "networkpolicies",
    namespace: shop.name,
  });
  expect(annotations["mutate.ringfence.dev/patched"]).toBe("dns-udp-only");
  const rounds = Object.entries(annotations)
    .filter(([key]) => key.startsWith("mutation.webhook.admission.k8s.io/"))
    .map(([, text]) => JSON.parse(text) as { webhook: string; mutated: boolean });
  expect(rounds).toMatchObject([{ webhook: "mutate.ringfence.dev", mutated: true }]);
  const again = await apply(shop, "g07-dns-udp-only", ["--force-conflicts=false"]);
  expect(again.code, again.stderr).toBe(0);
});

test("R32: two server-side appliers of one manifest that no fix touched do not conflict", async () => {
  const shop = await testNamespace(patching);
  for (const manager of ["one", "two", "one"]) {
    const applied = await apply(shop, "g02-dns-allow-first", ["--server-side", `--field-manager=${manager}`]);
    expect([applied.code, applied.stderr], manager).toEqual([0, ""]);
  }
});

test("R33: a manifest that no fix touched is unchanged when it is applied again, and kubectl diff finds nothing", async () => {
  const shop = await testNamespace(patching);
  const files = ["g02-dns-allow-first", "g01-egress-default-deny"];
  for (const file of files) expect((await apply(shop, file)).code).toBe(0);
  for (const file of files) {
    expect((await apply(shop, file)).stdout).toMatch(/ unchanged\n$/);
    const diff = await run(shop, ["diff", "-f", `${file}.yaml`]);
    expect([diff.code, diff.stdout]).toEqual([0, ""]);
  }
});
