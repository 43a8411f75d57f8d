import { expect, test } from "vitest";
import { controlPlane, testNamespace } from "../support.ts";
import { apply, base, restricted, run } from "../scenarios/scenario.ts";

const account = "system:serviceaccount:ringfence-system:ringfence";

test("R29: a dry run is patched as the real request is", async () => {
  const shop = await testNamespace({ ...restricted, "ringfence.dev/patch": "restricted" });
  const dry = await apply(shop, "g07-dns-udp-only", ["--dry-run=server", "-o", "jsonpath={.spec}"]);
  const real = await apply(shop, "g07-dns-udp-only", ["-o", "jsonpath={.spec}"]);
  expect(dry.stdout).toContain('{"port":53,"protocol":"TCP"}');
  expect([dry.stdout, dry.stderr]).toEqual([real.stdout, real.stderr]);
});

test("R30: whatever is asked of it, Ringfence writes nothing to the API server", async () => {
  const shop = await testNamespace({
    ...base,
    "ringfence.dev/patch": "baseline",
    "ringfence.dev/warn": "restricted",
  });
  await apply(shop, "g01-egress-default-deny");
  await apply(shop, "g06-or-ed-selectors");
  await apply(shop, "g17-allow-all-ingress");
  await run(shop, ["delete", "networkpolicy", "--all"]);
  await run(shop, ["label", "namespace", shop.name, "ringfence.dev/enforce=restricted", "--overwrite"]);
  // What makes companions due, when it is not only asked: they are written by who leads, never by who answers.
  await run(shop, [
    "annotate",
    "namespace",
    shop.name,
    "ringfence.dev/network-policies=denyAll: true",
    "--dry-run=server",
  ]);
  const { audit, api } = controlPlane();
  // What is written is logged: otherwise an empty log would prove nothing.
  await api.admin.send("POST", `/api/v1/namespaces/${shop.name}/configmaps?dryRun=All`, {
    body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "last" } },
  });
  await audit.event({ resource: "configmaps", namespace: shop.name });
  expect((await audit.events({ username: "tom", namespace: shop.name })).length).toBeGreaterThan(3);
  // A question about one's own rights is a POST that stores nothing; companions of namespaces that declare an intent are
  // the controller's.
  const questions = ["selfsubjectaccessreviews", "selfsubjectrulesreviews"];
  const writes = (await audit.events({ username: account })).filter(
    ({ objectRef: { resource = "", namespace } = {}, responseStatus }) =>
      !questions.includes(resource) &&
      // Other tests ask with the account's token for what it may not do.
      responseStatus?.code !== 403 &&
      !(resource === "networkpolicies" && namespace !== shop.name) &&
      // The lease of who writes companions, and what is told of them.
      resource !== "leases" &&
      resource !== "events",
  );
  expect(writes).toEqual([]);
});
