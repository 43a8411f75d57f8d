import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sumOf } from "../../control-plane/metrics.ts";
import { startRingfence, type Ringfence } from "../../control-plane/ringfence.ts";
import { instanceLabel, type FailurePolicy } from "../../control-plane/webhooks.ts";
import { controlPlane, testNamespace, uniqueName, type TestNamespace } from "../support.ts";
import { apply, base, expectSeen, policiesIn, run } from "./scenario.ts";

const failOpen = "apiserver_admission_webhook_fail_open_count";
const rejections = "apiserver_admission_webhook_rejection_count";
const count = async (metric: string, name: string): Promise<number> =>
  sumOf(await controlPlane().metrics(metric), metric, { name });

describe.each<FailurePolicy>(["Fail", "Ignore"])(
  "Ringfence is killed under failurePolicy %s",
  (failurePolicy) => {
    const instance = uniqueName("g20");
    let ringfence: Ringfence;
    let shop: TestNamespace;

    beforeAll(async () => {
      ringfence = await startRingfence(controlPlane(), {
        instance,
        failurePolicy: { "validate.ringfence.dev": failurePolicy },
      });
    });
    afterAll(() => ringfence.stop());

    test(`G20 R46 R91: a policy is ${failurePolicy === "Fail" ? "refused" : "applied"}`, async () => {
      shop = await testNamespace(base, { instance });
      expect((await apply(shop, "g02-dns-allow-first")).code).toBe(0);
      await ringfence.halt("SIGKILL");
      const metric = failurePolicy === "Fail" ? rejections : failOpen;
      const before = await count(metric, "validate.ringfence.dev");
      const seen = await apply(shop, "g01-egress-default-deny");
      expect(seen.code).toBe(failurePolicy === "Fail" ? 1 : 0);
      const names = failurePolicy === "Fail" ? ["allow-dns"] : ["allow-dns", "default-deny-egress"];
      expect(await policiesIn(shop)).toEqual(names);
      expect(await count(metric, "validate.ringfence.dev")).toBeGreaterThan(before);
      await expectSeen(`g20-ringfence-stopped.${failurePolicy.toLowerCase()}`, seen);
    });

    test("G20: namespaces can be created, labelled, finalized and deleted all the same", async () => {
      const { api, kubectl } = controlPlane();
      const name = uniqueName("t");
      const metadata = { name, labels: { ...base, [instanceLabel]: instance } };
      const stdin = JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata });
      const created = await kubectl(["create", "-f", "-"], { as: "tenant", stdin });
      expect(created.code, created.stderr).toBe(0);
      const labelled = await kubectl(["label", "namespace", name, "team=a", "ringfence.dev/warn=baseline"], {
        as: "tenant",
      });
      expect(labelled.code, labelled.stderr).toBe(0);
      const namespace = await api.admin.expect("GET", `/api/v1/namespaces/${name}`);
      await api.admin.expect("PUT", `/api/v1/namespaces/${name}/finalize`, { body: namespace });
      expect((await kubectl(["delete", "namespace", name, "--timeout=40s"])).code).toBe(0);
    });

    test("G20: a namespace with policies in it can be deleted", async () => {
      const filled = await testNamespace(base, { instance });
      await ringfence.start();
      const applied = await apply(filled, "g02-dns-allow-first");
      expect(applied.code, applied.stderr).toBe(0);
      await ringfence.halt("SIGKILL");
      const deleted = await run(filled, ["delete", "namespace", filled.name, "--timeout=40s"], {
        as: "admin",
      });
      expect(deleted.code, deleted.stderr).toBe(0);
    });
  },
);
