import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ownNamespace } from "#src/kubernetes/own-namespace.ts";

test("POD_NAMESPACE, else that of the pod's account, else none", async () => {
  const accountFolder = await mkdtemp(join(tmpdir(), "ringfence-account-"));
  onTestFinished(() => rm(accountFolder, { recursive: true, force: true }));
  expect(ownNamespace({ env: {}, accountFolder })).toBeUndefined();
  await writeFile(join(accountFolder, "namespace"), "guard\n");
  expect(ownNamespace({ env: { POD_NAMESPACE: "" }, accountFolder })).toBe("guard");
  expect(ownNamespace({ env: { POD_NAMESPACE: "other" }, accountFolder })).toBe("other");
});
