import { mkdir, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { startControlPlane, type ControlPlane, type ControlPlaneOptions } from "./control-plane.ts";
import { kubectlEnvironment } from "./kubectl.ts";
import { duration, toStandardError } from "./progress.ts";
import { startRingfence, type Ringfence, type RingfenceOptions } from "./ringfence.ts";

export interface SandboxOptions extends ControlPlaneOptions {
  readonly ringfence?: RingfenceOptions;
}

/** A control plane with Ringfence registered in front of it. */
export interface Sandbox {
  readonly controlPlane: ControlPlane;
  readonly ringfence: Ringfence;
  /** The environment for a command that uses it: kubeconfigs, addresses, kubectl first on PATH. */
  environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  /** Stops everything; nothing is left behind. */
  stop(): Promise<void>;
}

/** Starts both; where Ringfence does not come up, the control plane is stopped again. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { progress = toStandardError } = options;
  const controlPlane = await startControlPlane(options);
  try {
    options.signal?.throwIfAborted();
    const started = Date.now();
    const ringfence = await startRingfence(controlPlane, options.ringfence);
    progress(`ringfence: ready and registered in ${duration(Date.now() - started)}`);
    options.signal?.throwIfAborted();
    const authorityFile = join(controlPlane.address.directory, "ringfence-ca.crt");
    await writeFile(authorityFile, ringfence.address.authorityPem);
    const programs = await programDirectory(controlPlane);
    return {
      controlPlane,
      ringfence,
      environment: (env) => environment(env, { controlPlane, ringfence, programs, authorityFile }),
      stop: async () => {
        await ringfence.stop();
        await controlPlane.stop();
      },
    };
  } catch (error) {
    await controlPlane.stop();
    throw error;
  }
}

/** kubectl, and ringfence under both of its names, without the programs of the control plane beside them. */
async function programDirectory(controlPlane: ControlPlane): Promise<string> {
  const { directory, kubectl } = controlPlane.address;
  const programs = join(directory, "bin");
  const ringfence = join(import.meta.dirname, "../../bin/ringfence");
  await mkdir(programs);
  await symlink(kubectl, join(programs, "kubectl"));
  await symlink(ringfence, join(programs, "ringfence"));
  await symlink(ringfence, join(programs, "kubectl-ringfence"));
  return programs;
}

interface Parts {
  readonly controlPlane: ControlPlane;
  readonly ringfence: Ringfence;
  readonly programs: string;
  readonly authorityFile: string;
}

function environment(env: NodeJS.ProcessEnv, parts: Parts): NodeJS.ProcessEnv {
  const { kubeconfigs, kubectlCache } = parts.controlPlane.address;
  const { url, healthUrl } = parts.ringfence.address;
  return {
    ...kubectlEnvironment(env, kubeconfigs.admin, kubectlCache),
    KUBECONFIG_OPERATOR: kubeconfigs.operator,
    KUBECONFIG_TENANT: kubeconfigs.tenant,
    RINGFENCE_URL: url,
    RINGFENCE_METRICS_URL: `${healthUrl}/metrics`,
    RINGFENCE_CA_FILE: parts.authorityFile,
    PATH: [parts.programs, env.PATH ?? ""].join(delimiter),
  };
}
