import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { kubeconfig } from "../../control-plane/users.ts";
import { startFaultProxy, type FaultProxy } from "../../support/fault-proxy.ts";
import { controlPlane } from "../support.ts";

export interface ProxiedApiServer extends FaultProxy {
  /** Arguments of `ringfence serve` that make it reach the API server through the proxy, under its own account. */
  readonly args: readonly string[];
}

/** A proxy between a Ringfence of this test and the API server; gone when the test is over. */
export async function behindProxy(): Promise<ProxiedApiServer> {
  const { address } = controlPlane();
  const proxy = await startFaultProxy(address);
  const folder = await mkdtemp(join(tmpdir(), "ringfence-proxied-"));
  onTestFinished(async () => {
    await proxy.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const file = join(folder, "kubeconfig");
  const { server, authorityPem } = proxy;
  await writeFile(
    file,
    kubeconfig({ server, authorityPem, user: "ringfence", token: address.tokens.ringfence }),
  );
  return { ...proxy, args: [`--kubeconfig=${file}`] };
}
