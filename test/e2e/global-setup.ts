import type { TestProject } from "vitest/node";
import { startControlPlane } from "../control-plane/control-plane.ts";
import type { ControlPlaneAddress } from "../control-plane/connection.ts";
import { startRingfence, type RingfenceAddress } from "../control-plane/ringfence.ts";
import { sharedConfiguration } from "./shared-configuration.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly controlPlane: ControlPlaneAddress;
    readonly ringfence: RingfenceAddress;
  }
}

/**
 * One control plane and one Ringfence for the whole run. It judges every namespace but those that a test gave to a
 * Ringfence of its own (`instanceLabel`), because it wants another configuration or stops it.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const controlPlane = await startControlPlane();
  try {
    const ringfence = await startRingfence(controlPlane, {
      instance: "unlabelled",
      config: sharedConfiguration,
    });
    project.provide("controlPlane", controlPlane.address);
    project.provide("ringfence", ringfence.address);
    return async () => {
      await ringfence.stop();
      await controlPlane.stop();
    };
  } catch (error) {
    await controlPlane.stop();
    throw error;
  }
}
