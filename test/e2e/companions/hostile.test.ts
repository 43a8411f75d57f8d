import { expect, test } from "vitest";
import { controlPlane } from "../support.ts";
import { intentAnnotation, intentNamespace, untilPolicies } from "./support.ts";

const names = ["ringfence-allow-dns", "ringfence-default-deny"];

test("an annotation that is slow to read keeps no guard from speaking in time", async () => {
  const shop = await intentNamespace({ denyAll: true }, { labels: { "ringfence.dev/enforce": "baseline" } });
  const slow = Array.from({ length: 8_000 }, (_, index) => `key${index}: 1\n`).join("");
  const metadata = {
    labels: { "ringfence.dev/enforce": "privileged" },
    annotations: { [intentAnnotation]: slow },
  };
  const { status, body } = await controlPlane().api.tenant.send("PATCH", `/api/v1/namespaces/${shop}`, {
    contentType: "application/merge-patch+json",
    body: { metadata },
  });
  expect(status).toBe(403);
  const said = JSON.stringify(body);
  for (const rule of ["mode-loosened", "intent-loosened", "intent-invalid"]) expect(said).toContain(rule);
  await untilPolicies(shop, names);
});
