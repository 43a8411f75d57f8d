import { mkdir, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { startControlPlane, type ControlPlane, type ControlPlaneOptions } from "./control-plane.ts";
import { kubectlVariables } from "./kubectl.ts";
import { duration, toStandardError } from "./progress.ts";
import { startRingfence, type Ringfence, type RingfenceOptions } from "./ringfence.ts";

export interface SandboxOptions extends ControlPlaneOptions {
  readonly ringfence?: RingfenceOptions;
}

/** A control plane with Ringfence registered in front of it. */
export interface Sandbox {
  readonly controlPlane: ControlPlane;
  readonly ringfence: Ringfence;
  /** What a command that uses it must find in its environment besides PATH: kubeconfigs, addresses, files. */
  readonly variables: Readonly<Record<string, string>>;
  /** The folder with kubectl and ringfence, to go first on PATH. */
  readonly programs: string;
  /** Such an environment: that of a user with all of this. */
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
    const variables = variablesOf(controlPlane, ringfence, authorityFile);
    return {
      controlPlane,
      ringfence,
      variables,
      programs,
      environment: (env) => ({
        ...env,
        ...variables,
        PATH: [programs, env.PATH ?? ""].join(delimiter),
      }),
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

function variablesOf(
  controlPlane: ControlPlane,
  ringfence: Ringfence,
  authorityFile: string,
): Readonly<Record<string, string>> {
  const { kubeconfigs, kubectlCache } = controlPlane.address;
  const { url, healthUrl, configFile, logFile } = ringfence.address;
  return {
    ...kubectlVariables(kubeconfigs.admin, kubectlCache),
    KUBECONFIG_OPERATOR: kubeconfigs.operator,
    KUBECONFIG_TENANT: kubeconfigs.tenant,
    RINGFENCE_URL: url,
    RINGFENCE_HEALTH_URL: healthUrl,
    RINGFENCE_METRICS_URL: `${healthUrl}/metrics`,
    RINGFENCE_CA_FILE: authorityFile,
    RINGFENCE_CONFIG_FILE: configFile,
    RINGFENCE_LOG_FILE: logFile,
  };
}
