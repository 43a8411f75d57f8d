import { expect, test } from "vitest";
import { testNamespace } from "../support.ts";
import { apply, base, expectSeen, restricted, run } from "./scenario.ts";

const again = ["--server-side"];

test("R91: a patched policy is applied again: kubectl sees a difference only in a list that the manifest holds", async () => {
  const shop = await testNamespace({ ...restricted, "ringfence.dev/patch": "restricted" });
  const absent = await apply(shop, "g01-egress-default-deny");
  const absentAgain = await apply(shop, "g01-egress-default-deny");
  await run(shop, ["delete", "networkpolicy", "default-deny-egress"]);
  const held = await apply(shop, "g07-dns-udp-only");
  const heldAgain = await apply(shop, "g07-dns-udp-only");
  expect(absentAgain.stdout).toContain("unchanged");
  expect(heldAgain.stdout).toContain("configured");
  await expectSeen("patched-again", absent, absentAgain, held, heldAgain);
});

test("R91: applied server-side it is patched each time; another applier conflicts", async () => {
  const shop = await testNamespace({ ...restricted, "ringfence.dev/patch": "restricted" });
  const first = await apply(shop, "g07-dns-udp-only", again);
  const second = await apply(shop, "g07-dns-udp-only", again);
  const other = await apply(shop, "g07-dns-udp-only", [...again, "--field-manager=other"]);
  expect(other.stderr).toContain('conflict with "kubectl": .spec.egress');
  await expectSeen("patched-again.server-side", first, second);
});

test("R91: a waiver that does not count keeps nothing from being patched, and is named", async () => {
  const shop = await testNamespace({ ...base, "ringfence.dev/patch": "baseline" });
  const applied = await apply(shop, "patched-again.waived");
  expect(applied.code, applied.stderr).toBe(0);
  await expectSeen("patched-again.waived", applied);
});
