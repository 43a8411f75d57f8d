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
  const args = ["patch", "namespace", shop, "--type=merge", "--patch-file=/dev/stdin"];
  const { code, stderr } = await controlPlane().kubectl(args, {
    as: "tenant",
    stdin: JSON.stringify({ metadata }),
  });
  expect(code).not.toBe(0);
  for (const rule of ["mode-loosened", "intent-loosened", "intent-invalid"]) expect(stderr).toContain(rule);
  await untilPolicies(shop, names);
});
