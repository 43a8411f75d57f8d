import { expect, test } from "vitest";
import { ownRingfence, testNamespace, uniqueName } from "../support.ts";
import { until } from "../../control-plane/wait.ts";
import { base } from "../scenarios/scenario.ts";
import { ask } from "./ask.ts";
import { clean, orEd, policy } from "./policies.ts";
import { behindProxy } from "./proxied.ts";

test("R50: before the cluster view is complete nobody is answered, and readiness is false", async () => {
  const instance = uniqueName("r50");
  const proxy = await behindProxy();
  const mend = proxy.inject({ type: "answer", status: 503 }, { request: "list", path: "/networkpolicies" });
  const ringfence = await ownRingfence(instance, { args: proxy.args, register: false, awaits: "alive" });
  const object = JSON.parse(policy("p", orEd)) as unknown;
  const asked = { namespace: (await testNamespace(base)).name, object };
  await until("the other kinds to be listed", async () =>
    (await ringfence.readiness()).text.includes("not listed yet: networkpolicies\n"),
  );
  expect((await ringfence.readiness()).status).toBe(503);
  await expect(ask(ringfence, "/validate", asked)).rejects.toThrow(
    /HTTP 50\d.*not complete.*networkpolicies/,
  );
  await expect(ask(ringfence, "/mutate", asked)).rejects.toThrow(/HTTP 50\d/);
  mend();
  await until("readiness", async () => (await ringfence.readiness()).status === 200);
  expect((await ask(ringfence, "/validate", asked)).status?.message).toContain("or-ed-selectors");
});

test("R51: cut off from the API server it goes on deciding, shows how stale it is, and stays alive", async () => {
  const instance = uniqueName("r51");
  const proxy = await behindProxy();
  const ringfence = await ownRingfence(instance, { args: proxy.args });
  const shop = await testNamespace(base, { instance });
  const asked = (spec: typeof orEd) => ({
    namespace: shop.name,
    object: JSON.parse(policy("p", spec)) as unknown,
  });
  const verdict = async (spec: typeof orEd): Promise<boolean> =>
    (await ask(ringfence, "/validate", asked(spec))).allowed;
  expect([await verdict(clean), await verdict(orEd)]).toEqual([true, false]);
  proxy.inject({ type: "cut" });
  proxy.cut();
  const staleness = async (): Promise<number> => {
    const samples = await ringfence.metrics("ringfence_reflector_staleness_seconds");
    return Math.max(...samples.map(({ value }) => value));
  };
  await until("staleness to be seen", async () => (await staleness()) > 2);
  expect([await verdict(clean), await verdict(orEd)]).toEqual([true, false]);
  const { status, text } = await ringfence.readiness();
  expect(status, text).toBe(200);
  expect(text).toMatch(/^namespaces: behind, heard of \d+ s ago/m);
  expect((await fetch(`${ringfence.address.healthUrl}/livez`)).status).toBe(200);
});
