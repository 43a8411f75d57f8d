import { beforeAll, afterAll, describe, expect, test } from "vitest";
import { sumOf } from "../../control-plane/metrics.ts";
import { startRingfence, type Ringfence } from "../../control-plane/ringfence.ts";
import { controlPlane, testNamespace, uniqueName } from "../support.ts";
import { apply, expectSeen, rulesOf, run, type Place } from "./scenario.ts";

test("G13 R91: a value that cannot be read is refused when it is newly set, to an operator as well", async () => {
  const shop = await testNamespace();
  const flags = ["label", "namespace", shop.name, "ringfence.dev/enforce=basline"];
  const tenant = await run(shop, flags);
  const operator = await run(shop, flags, { as: "operator" });
  for (const { code, stderr } of [tenant, operator]) {
    expect(code).toBe(1);
    expect(stderr).toContain("basline");
    expect(stderr).toContain("privileged, baseline, restricted");
  }
  await expectSeen("g13-unreadable-label.newly-set", tenant);
});

describe("a namespace that has it from before Ringfence came", () => {
  const instance = uniqueName("g13");
  let ringfence: Ringfence;
  let shop: Place;

  beforeAll(async () => {
    // Nobody judges the namespaces of this instance yet.
    const { api } = controlPlane();
    const name = uniqueName("t");
    const labels = { "ringfence.dev/enforce": "basline", "test.example/ringfence-instance": instance };
    const body = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
    await api.admin.expect("POST", "/api/v1/namespaces", { body });
    shop = { name };
    ringfence = await startRingfence(controlPlane(), { instance });
  });
  afterAll(async () => {
    await ringfence.stop();
    await controlPlane().api.admin.send("DELETE", `/api/v1/namespaces/${shop.name}`);
  });

  test("G13: is judged as restricted", async () => {
    const denied = await apply(shop, "g17-allow-all-ingress");
    expect(denied.code).toBe(1);
    expect(rulesOf(denied)).toEqual(["allow-all-ingress"]);
  });

  test("G13: is reported, in the log and by a metric", async () => {
    await ringfence.awaitLog("the label that cannot be read", ({ namespace, labels, msg }) => {
      const named = Array.isArray(labels) && labels.includes("ringfence.dev/enforce");
      return namespace === shop.name && named && String(msg).includes("judged as restricted");
    });
    const metric = "ringfence_namespaces_unreadable_modes";
    expect(sumOf(await ringfence.metrics(metric), metric)).toBe(1);
  });

  test("G13: may be edited in another label, and repaired", async () => {
    const other = await run(shop, ["label", "namespace", shop.name, "team=a"]);
    expect(other.code, other.stderr).toBe(0);
    const repaired = await run(
      shop,
      ["label", "--overwrite", "namespace", shop.name, "ringfence.dev/enforce=baseline"],
      {
        as: "operator",
      },
    );
    expect(repaired.code, repaired.stderr).toBe(0);
  });
});
