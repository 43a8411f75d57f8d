import { expect, onTestFinished, test } from "vitest";
import { defaultConfiguration } from "../../control-plane/ringfence.ts";
import { instanceLabel } from "../../control-plane/webhooks.ts";
import { controlPlane, ownRingfence, testNamespace, uniqueName } from "../support.ts";
import { apply, base, rulesOf, run } from "../scenarios/scenario.ts";
import { ask } from "./ask.ts";
import { behindProxy } from "./proxied.ts";
import { manifest, orEd, policy } from "./policies.ts";

/** One text for kubectl: a Namespace and what is in it. */
async function together(name: string, labels: object, ...policies: readonly object[]): Promise<string> {
  onTestFinished(async () => {
    await controlPlane().api.admin.send("DELETE", `/api/v1/namespaces/${name}`);
  });
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
  return await Promise.resolve(
    [namespace, ...policies].map((object) => JSON.stringify(object)).join("\n---\n"),
  );
}

test("R27: a Namespace and its policies in one apply are all accepted, again and again", async () => {
  const [dns, deny] = [await manifest("g02-dns-allow-first"), await manifest("g01-egress-default-deny")];
  for (let round = 0; round < 5; round += 1) {
    const name = uniqueName("t");
    const stdin = await together(name, base, dns, deny);
    const applied = await run({ name }, ["apply", "-f", "-"], { stdin });
    expect([applied.code, applied.stderr], `round ${round}`).toEqual([0, ""]);
  }
});

test("R27: also while no event reaches the cache, and what is wrong in itself is denied there as well", async () => {
  const instance = uniqueName("r27");
  const proxy = await behindProxy();
  const ringfence = await ownRingfence(instance, { args: proxy.args });
  // From here on Ringfence sees nothing of what is written.
  proxy.inject({ type: "silence" }, { request: "watch" });
  const name = uniqueName("t");
  const [dns, deny] = [await manifest("g02-dns-allow-first"), await manifest("g01-egress-default-deny")];
  const stdin = await together(name, { ...base, [instanceLabel]: instance }, dns, deny);
  const applied = await run({ name }, ["apply", "-f", "-"], { stdin });
  expect([applied.code, applied.stderr]).toEqual([0, ""]);
  const denied = await run({ name }, ["apply", "-f", "-"], { stdin: policy("or", orEd) });
  expect(rulesOf(denied)).toEqual(["or-ed-selectors"]);
  expect((await ringfence.readiness()).status).toBe(200);
});

test("R27: also while the cache has the namespace and lags behind with its policies", async () => {
  const instance = uniqueName("r27");
  const proxy = await behindProxy();
  const ringfence = await ownRingfence(instance, { args: proxy.args });
  proxy.inject({ type: "silence" }, { request: "watch", path: "/networkpolicies" });
  const shop = await testNamespace(base, { instance });
  // Denied for want of DNS, not of knowledge: so the namespace has arrived.
  const denied = await apply(shop, "g01-egress-default-deny");
  expect(rulesOf(denied)).toEqual(["missing-dns-egress"]);
  for (const file of ["g02-dns-allow-first", "g01-egress-default-deny"]) {
    const applied = await apply(shop, file);
    expect([applied.code, applied.stderr], file).toEqual([0, ""]);
  }
  expect((await ringfence.readiness()).status).toBe(200);
});

test("R28: a policy whose namespace nobody knows is judged by the defaults, and rules of the set do not deny", async () => {
  const instance = uniqueName("r28");
  const ringfence = await ownRingfence(instance, { register: false });
  const nowhere = uniqueName("nowhere");
  const deny = { namespace: nowhere, object: await manifest("g01-egress-default-deny") };
  const or = { namespace: nowhere, object: JSON.parse(policy("p", orEd)) as unknown };
  const verdicts = async (): Promise<boolean[]> =>
    (await Promise.all([deny, or].map((asked) => ask(ringfence, "/validate", asked)))).map(
      ({ allowed }) => allowed,
    );
  expect(await verdicts(), "unlabelled namespaces are privileged").toEqual([true, true]);
  await ringfence.rewriteConfig(defaultConfiguration.replace("enforce: privileged", "enforce: baseline"));
  expect(await verdicts(), "unlabelled namespaces are baseline").toEqual([true, false]);
  expect(await verdicts(), "the same again").toEqual([true, false]);
  await ringfence.rewriteConfig(`${defaultConfiguration}floor:\n  enforce: baseline\n`);
  expect(await verdicts(), "the floor raises the defaults").toEqual([true, false]);
});

test("R28: by kubectl the API server itself refuses it", async () => {
  const name = uniqueName("nowhere");
  const refused = await run({ name }, ["apply", "-f", "-"], { stdin: policy("p", orEd) });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`namespaces "${name}" not found`);
});
