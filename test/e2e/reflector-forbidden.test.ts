import { randomBytes } from "node:crypto";
import { expect, inject, onTestFinished, test } from "vitest";
import { connect } from "../control-plane/connection.ts";
import { until } from "../control-plane/wait.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { follow } from "../support/followed.ts";

const address = inject("controlPlane");
const { api } = connect(address);
const roles = "/apis/rbac.authorization.k8s.io/v1";

/** Lets the tenant read StorageClasses, which nothing else lets it; returns what takes the right away. */
async function grant(): Promise<() => Promise<void>> {
  const name = `test-storage-${randomBytes(4).toString("hex")}`;
  const rules = [{ apiGroups: ["storage.k8s.io"], resources: ["storageclasses"], verbs: ["list", "watch"] }];
  await api.admin.expect("POST", `${roles}/clusterroles`, { body: { metadata: { name }, rules } });
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name };
  const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "devs" }];
  await api.admin.expect("POST", `${roles}/clusterrolebindings`, {
    body: { metadata: { name }, roleRef, subjects },
  });
  const revoke = async (): Promise<void> => {
    await api.admin.send("DELETE", `${roles}/clusterrolebindings/${name}`);
    await api.admin.send("DELETE", `${roles}/clusterroles/${name}`);
  };
  onTestFinished(revoke);
  return revoke;
}

test("R83: a kind that may not be read is unknown, known when the right is granted, unknown when it is taken", async () => {
  const proxy = await startFaultProxy(address);
  onTestFinished(() => proxy.stop());
  const path = "/apis/storage.k8s.io/v1/storageclasses";
  const { replica, reflector, events } = follow(proxy, { path, token: address.tokens.tenant });
  await until("the refusal", () => reflector.state().phase === "forbidden");
  expect(reflector.state().error).toMatch(/403.*cannot list resource "storageclasses"/);
  expect(replica.known).toBe(false);
  const revoke = await grant();
  await until("the kind to be known", () => replica.known);
  expect(reflector.state()).toMatchObject({ phase: "watching" });
  await revoke();
  await until("the kind to be unknown", () => !replica.known);
  expect(reflector.state().phase).toBe("forbidden");
  expect(replica.calls.filter((call) => call === "unreadable")).toHaveLength(2);
  expect(events.some(({ type }) => type === "forbidden")).toBe(true);
});

test("a kind that does not exist is unknown", async () => {
  const proxy = await startFaultProxy(address);
  onTestFinished(() => proxy.stop());
  const path = "/apis/gateway.networking.k8s.io/v1/httproutes";
  const { replica, reflector } = follow(proxy, { path, token: address.tokens.admin });
  await until("the refusal", () => reflector.state().phase === "forbidden");
  expect(reflector.state().error).toMatch(/404/);
  expect(replica.known).toBe(false);
});
