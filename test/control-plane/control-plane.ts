import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiClient, type ApiClient } from "./api-client.ts";
import { startApiServer, type ApiServer } from "./api-server.ts";
import { controlPlaneBinaries, type Binaries } from "./binaries.ts";
import { connect, type ControlPlaneAddress, type ControlPlaneConnection } from "./connection.ts";
import { controllerManagerName, startControllerManager } from "./controller-manager.ts";
import { startEtcd } from "./etcd.ts";
import { installAccount, renderInstallation } from "./installation.ts";
import { createKubeDns } from "./kube-dns.ts";
import { kubectlRunner } from "./kubectl.ts";
import { freePorts } from "./ports.ts";
import type { ManagedProcess } from "./processes.ts";
import { duration, toStandardError, type Progress } from "./progress.ts";
import { groupPermissions, kubeconfig, makeTokens, type FileUserName, type UserName } from "./users.ts";
import { until } from "./wait.ts";
import { startWarden, type Warden } from "./warden.ts";

export interface ControlPlaneOptions {
  /** Kubernetes minor version, a folder beside this file; "v1.36" unless given. */
  readonly minor?: string;
  /** Further flags of kube-apiserver. */
  readonly apiServerArgs?: readonly string[];
  readonly featureGates?: Readonly<Record<string, boolean>>;
  readonly progress?: Progress;
  /** Aborting it ends a start that is under way; what was started by then is stopped. */
  readonly signal?: AbortSignal;
}

/** A control plane that this process started. */
export interface ControlPlane extends ControlPlaneConnection {
  /** Kills what is watched when this process ends, however it ends; for further processes of the same test. */
  readonly warden: Warden;
  /** Ends the controllers: nobody makes service accounts, pods or slices any more, and nothing else is going on. */
  stopControllers(): Promise<void>;
  /** Ends kube-apiserver and starts it again on the same port, with the same etcd; waits until it is ready. */
  restartApiServer(): Promise<void>;
  /** Stops the processes by their ids and removes the folder. Harmless when called again. */
  stop(): Promise<void>;
}

/**
 * Starts etcd, kube-apiserver and kube-controller-manager on free ports of 127.0.0.1 and a temporary folder, and
 * makes what a fresh kubeadm cluster has: the cluster DNS, users with their permissions, Ringfence's account as
 * deploy/kustomize installs it. Nothing outlives this process, also when it is killed or the start fails.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const { minor = "v1.36", progress = toStandardError, signal } = options;
  const binaries = await controlPlaneBinaries({ minor, progress });
  signal?.throwIfAborted();
  const started = Date.now();
  const directory = await mkdtemp(join(tmpdir(), "ringfence-control-plane-"));
  const warden = startWarden(directory);
  const processes: ManagedProcess[] = [];
  const stop = async (): Promise<void> => {
    // The API server first, so that it does not complain about a lost etcd for its last second.
    for (const process of processes.splice(0).reverse()) await process.stop();
    await warden.dismiss();
  };
  try {
    const { address, apiServer } = await start({ directory, warden, binaries, processes, options });
    progress(
      `control plane: Kubernetes ${binaries.kubernetesVersion} ready in ${duration(Date.now() - started)}`,
    );
    const stopControllers = async (): Promise<void> => {
      for (const process of processes) if (process.name === controllerManagerName) await process.stop();
    };
    const restartApiServer = (): Promise<void> => apiServer.restart();
    return { ...connect(address), warden, stopControllers, restartApiServer, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Start {
  readonly directory: string;
  readonly warden: Warden;
  readonly binaries: Binaries;
  /** Takes each process as soon as it runs. */
  readonly processes: ManagedProcess[];
  readonly options: ControlPlaneOptions;
}

interface Started {
  readonly address: ControlPlaneAddress;
  readonly apiServer: ApiServer;
}

async function start(start: Start): Promise<Started> {
  const { directory, warden, binaries, processes, options } = start;
  const [clientPort = 0, peerPort = 0, apiPort = 0, managerPort = 0] = await freePorts(4);
  const tokens = makeTokens();
  const started = (process: ManagedProcess): void => {
    processes.push(process);
  };
  await startEtcd(warden, { program: binaries.etcd, directory, clientPort, peerPort, started });
  options.signal?.throwIfAborted();
  const apiServer = await startApiServer(warden, {
    program: binaries.kubeApiserver,
    directory,
    port: apiPort,
    etcdPort: clientPort,
    tokens,
    extraArgs: options.apiServerArgs ?? [],
    featureGates: options.featureGates ?? {},
    started,
  });
  options.signal?.throwIfAborted();
  const kubeconfigs = kubeconfigWriter(directory, apiServer);
  const manager = await startControllerManager(warden, {
    program: binaries.kubeControllerManager,
    directory,
    port: managerPort,
    kubeconfig: await kubeconfigs("controller-manager", tokens.controllerManager),
    serviceAccountKeyFile: apiServer.serviceAccountKeyFile,
  });
  processes.push(manager);
  return { address: await furnish({ ...start, apiServer, tokens, kubeconfigs }), apiServer };
}

interface Furnish extends Start {
  readonly apiServer: ApiServer;
  readonly tokens: Record<FileUserName, string>;
  readonly kubeconfigs: KubeconfigWriter;
}

/** Fills the bare control plane with what every cluster has, and describes it. */
async function furnish(start: Furnish): Promise<ControlPlaneAddress> {
  const { directory, binaries, apiServer, tokens, kubeconfigs } = start;
  const files = {
    admin: await kubeconfigs("admin", tokens.admin),
    operator: await kubeconfigs("operator", tokens.operator),
    tenant: await kubeconfigs("tenant", tokens.tenant),
    ringfence: join(directory, "ringfence.kubeconfig"),
  } satisfies Record<UserName, string>;
  const kubectlCache = join(directory, "kubectl-cache");
  const admin = apiClient(apiServer.url, apiServer.authorityPem, tokens.admin);
  const kubectl = kubectlRunner(binaries.kubectl, files, kubectlCache);
  const [token] = await Promise.all([
    renderInstallation(kubectl).then((manifests) => installAccount(admin, manifests)),
    createKubeDns(admin),
    permitGroups(admin),
  ]);
  await kubeconfigs("ringfence", token);
  return {
    server: apiServer.url,
    authorityPem: apiServer.authorityPem,
    binaries: binaries.directory,
    kubectl: binaries.kubectl,
    kubeconfigs: files,
    tokens: { admin: tokens.admin, operator: tokens.operator, tenant: tokens.tenant, ringfence: token },
    auditLogFile: apiServer.auditLogFile,
    directory,
    kubectlCache,
    kubernetesVersion: binaries.kubernetesVersion,
  };
}

type KubeconfigWriter = (user: string, token: string) => Promise<string>;

function kubeconfigWriter(directory: string, apiServer: ApiServer): KubeconfigWriter {
  return async (user, token) => {
    const file = join(directory, `${user}.kubeconfig`);
    await mkdir(directory, { recursive: true });
    const text = kubeconfig({ server: apiServer.url, authorityPem: apiServer.authorityPem, user, token });
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
}

async function permitGroups(admin: ApiClient): Promise<void> {
  for (const object of groupPermissions) {
    const { kind } = object as { kind: string };
    const path = `/apis/rbac.authorization.k8s.io/v1/${kind.toLowerCase()}s`;
    await admin.expect("POST", path, { body: object });
  }
  // Until its controller has run, this role permits nothing.
  await until("ClusterRole edit to be aggregated", async () => {
    const role = await admin.expect("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles/edit");
    return ((role as { rules?: unknown[] | null }).rules ?? []).length > 0;
  });
}
