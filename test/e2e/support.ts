import { randomBytes, randomInt } from "node:crypto";
import { inject, onTestFinished } from "vitest";
import { connect, type ControlPlaneConnection } from "../control-plane/connection.ts";
import type { KubectlResult } from "../control-plane/kubectl.ts";
import { createRunningPod, type PodOptions } from "../control-plane/pods.ts";
import {
  connectRingfence,
  startRingfence,
  type Ringfence,
  type RingfenceConnection,
  type RingfenceOptions,
} from "../control-plane/ringfence.ts";
import type { UserName } from "../control-plane/users.ts";
import { instanceLabel } from "../control-plane/webhooks.ts";

/** The control plane of this run. */
export function controlPlane(): ControlPlaneConnection {
  return connect(inject("controlPlane"));
}

/** The Ringfence that judges every namespace of this run, with the default configuration. Shared: never stop it. */
export function sharedRingfence(): RingfenceConnection {
  return connectRingfence(inject("ringfence"));
}

/** A Ringfence of this test alone, for namespaces made with `{ instance }`; gone when the test is over. */
export async function ownRingfence(
  instance: string,
  options: Omit<RingfenceOptions, "instance"> = {},
): Promise<Ringfence> {
  const ringfence = await startRingfence(controlPlane(), { ...options, instance });
  onTestFinished(() => ringfence.stop());
  return ringfence;
}

export interface TestNamespaceOptions {
  readonly labels?: Readonly<Record<string, string>>;
  /** The name of the Ringfence (`ownRingfence`) that judges it; the shared one unless given. */
  readonly instance?: string;
  /** First part of the name, which a random part makes unique. */
  readonly prefix?: string;
}

/** A namespace of one test. */
export interface TestNamespace {
  readonly name: string;
  /** kubectl in this namespace. */
  readonly kubectl: (
    args: readonly string[],
    options?: { readonly as?: UserName; readonly stdin?: string },
  ) => Promise<KubectlResult>;
  /** A pod that looks as if it ran, at an address of its own. */
  readonly runningPod: (
    name: string,
    labels: Readonly<Record<string, string>>,
    options?: Partial<Pick<PodOptions, "ip" | "ports" | "spec">>,
  ) => Promise<void>;
  /** `kubectl apply -f -` in this namespace as one of the users. */
  readonly applyAs: (user: UserName, yaml: string, ...flags: string[]) => Promise<KubectlResult>;
  /** `kubectl create -f -`, for what apply would answer from what stands already. */
  readonly createAs: (user: UserName, yaml: string, ...flags: string[]) => Promise<KubectlResult>;
}

/**
 * A fresh namespace with a unique name and the given labels, e.g. `{ "ringfence.dev/enforce": "baseline" }`, made by
 * the admin. It is deleted after the test; nobody waits for that.
 */
export async function testNamespace(
  labels: Readonly<Record<string, string>> = {},
  options: Omit<TestNamespaceOptions, "labels"> = {},
): Promise<TestNamespace> {
  const { api, kubectl } = controlPlane();
  const name = uniqueName(options.prefix ?? "t");
  const instance = options.instance === undefined ? {} : { [instanceLabel]: options.instance };
  const metadata = { name, labels: { ...labels, ...instance } };
  await api.admin.expect("POST", "/api/v1/namespaces", {
    body: { apiVersion: "v1", kind: "Namespace", metadata },
  });
  onTestFinished(async () => {
    await api.admin.send("DELETE", `/api/v1/namespaces/${name}`);
  });
  const here: TestNamespace["kubectl"] = (args, kubectlOptions) =>
    kubectl(["--namespace", name, ...args], kubectlOptions);
  return {
    name,
    kubectl: here,
    runningPod: (podName, podLabels, podOptions = {}) =>
      createRunningPod(api.admin, {
        namespace: name,
        name: podName,
        labels: podLabels,
        ip: `10.244.${randomInt(1, 255)}.${randomInt(1, 255)}`,
        ...podOptions,
      }),
    applyAs: (as, yaml, ...flags) => here(["apply", "-f", "-", ...flags], { as, stdin: yaml }),
    createAs: (as, yaml, ...flags) => here(["create", "-f", "-", ...flags], { as, stdin: yaml }),
  };
}

/** `t-3f9a0c1b`: no other test of this or any other run has it. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString("hex")}`;
}
