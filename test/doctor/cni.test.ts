import { describe, expect, it } from "vitest";
import { defaultSystemNamespaces } from "#src/config/schema.ts";
import { checkCni } from "#src/doctor/cni.ts";
import { recordedFacts, recordedFile } from "../support/recorded-cluster.ts";

const checked = async (name: string) =>
  checkCni(await recordedFacts(recordedFile(name)), new Set(defaultSystemNamespaces));

describe("doctor cni", () => {
  it.each([
    ["enforced", "cni/cilium/default", "good"],
    ["not-enforced", "cni/flannel/alone", "bad"],
    ["unknown", "cni/any/nothing-permitted", "unknown"],
    ["untrusted-namespace", "cni/kindnet/made-by-a-tenant", "unknown"],
    ["unknown-plugin", "cni/unjudged/kube-ovn", "unknown"],
  ] as const)("tells of %s", async (name, cluster, outcome) => {
    const report = await checked(cluster);
    expect(report.outcome).toBe(outcome);
    await expect(report.text).toMatchFileSnapshot(`golden/cni-${name}.txt`);
  });

  it("gives programs the verdict itself", async () => {
    const { data } = await checked("cni/flannel/alone");
    expect(data).toEqual({
      verdict: "not-enforced",
      plugins: [{ id: "flannel", title: "flannel", verdict: "not-enforced" }],
      evidence: [expect.objectContaining({ object: "DaemonSet kube-flannel/kube-flannel-ds" })],
      caveats: [],
      gaps: [],
      missing: [],
    });
  });
});
