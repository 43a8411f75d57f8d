import { join } from "node:path";
import { startProcess, type ManagedProcess } from "./processes.ts";
import type { Warden } from "./warden.ts";

export interface ControllerManagerOptions {
  readonly program: string;
  readonly directory: string;
  readonly port: number;
  readonly kubeconfig: string;
  readonly serviceAccountKeyFile: string;
}

/** Those without which namespaces never go, Deployments make no pods and Services get no EndpointSlices. */
const controllers = [
  "namespace-controller",
  "garbage-collector-controller",
  "deployment-controller",
  "replicaset-controller",
  "endpointslice-controller",
  "serviceaccount-controller",
  "root-ca-certificate-publisher-controller",
  "clusterrole-aggregation-controller",
];

export const controllerManagerName = "kube-controller-manager";

/**
 * Starts kube-controller-manager. Each controller acts under its own account, as in real clusters. Whether it works is
 * for the caller to see by what the controllers do.
 */
export function startControllerManager(
  warden: Warden,
  options: ControllerManagerOptions,
): Promise<ManagedProcess> {
  return startProcess(warden, {
    name: controllerManagerName,
    command: options.program,
    args: [
      `--kubeconfig=${options.kubeconfig}`,
      "--use-service-account-credentials",
      `--service-account-private-key-file=${options.serviceAccountKeyFile}`,
      "--leader-elect=false",
      "--bind-address=127.0.0.1",
      `--secure-port=${options.port}`,
      `--cert-dir=${join(options.directory, "controller-manager")}`,
      `--controllers=${controllers.join(",")}`,
    ],
    logFile: join(options.directory, "kube-controller-manager.log"),
  });
}
