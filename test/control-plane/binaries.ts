import { delimiter, join, resolve } from "node:path";
import { builtTools, missingTools } from "./go-build.ts";
import { readGoModule, toolNames, type GoModule } from "./go-module.ts";
import type { Progress } from "./progress.ts";

/** Where the programs of the control plane are. */
export interface Binaries {
  /** The folder that holds all four, for PATH. */
  readonly directory: string;
  readonly etcd: string;
  readonly kubeApiserver: string;
  readonly kubeControllerManager: string;
  readonly kubectl: string;
  /** What go.mod says; with KUBEBUILDER_ASSETS the programs may be of another version. */
  readonly kubernetesVersion: string;
}

export interface BinariesOptions {
  /** Kubernetes minor version: the name of a folder beside this file. "v1.36" unless given. */
  readonly minor?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly progress?: Progress;
}

/**
 * The four programs of a control plane: those of `KUBEBUILDER_ASSETS` where it is set, else those built earlier
 * into the user's cache folder, else built now from their Go modules (ten minutes on two cores, said on the way).
 * Throws with what to do where neither is possible.
 */
export async function controlPlaneBinaries(options: BinariesOptions = {}): Promise<Binaries> {
  const { minor = "v1.36", env = process.env, progress } = options;
  const module = controlPlaneModule(minor);
  const named = env.KUBEBUILDER_ASSETS;
  if (named !== undefined && named !== "") {
    // npm runs scripts in the root of the package; a relative path means the folder where the user is.
    const assets = resolve(env.INIT_CWD ?? process.cwd(), named);
    const missing = await missingTools(module, assets);
    if (missing.length === 0) return binariesIn(assets, module);
    throw new Error(
      `KUBEBUILDER_ASSETS is ${assets}, but ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not there ` +
        `(or cannot be run). It must hold ${toolNames(module).join(", ")}; unset it to have them built with Go: KUBEBUILDER_ASSETS= npm run demo`,
    );
  }
  const directory = await builtTools(module, {
    env,
    ...(progress === undefined ? {} : { progress }),
    withoutGo: withoutGo(module, env),
  });
  return binariesIn(directory, module);
}

/** The module of the Kubernetes minor `minor` ("v1.36"). Throws where go.mod does not say its version. */
function controlPlaneModule(minor: string): GoModule {
  return readGoModule({
    directory: join(import.meta.dirname, minor),
    title: "control plane",
    modulePath: "k8s.io/kubernetes",
    packages: {
      etcd: "go.etcd.io/etcd/server/v3",
      "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
      "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
      kubectl: "k8s.io/kubernetes/cmd/kubectl",
    },
    linkerFlags: versionFlags,
    coldBuild: "about ten minutes",
  });
}

/**
 * Without the version flags a kube-apiserver calls itself v0.0.0, and clients that look at the server's version
 * misbehave.
 */
function versionFlags(version: string): string {
  const [major = "", minor = ""] = version.slice(1).split(".");
  const variable = (name: string, value: string): string =>
    `-X k8s.io/component-base/version.${name}=${value}`;
  return [
    "-s -w",
    variable("gitVersion", version),
    variable("gitMajor", major),
    variable("gitMinor", minor),
  ].join(" ");
}

function withoutGo(module: GoModule, env: NodeJS.ProcessEnv): string {
  const path = (env.PATH ?? "").split(delimiter).join(" ");
  return (
    `The end-to-end tests and the demo need a real Kubernetes control plane (${module.version}). Either ` +
    `install Go (https://go.dev/dl; looked in ${path}) and it is built once, in about ten minutes; or set ` +
    `KUBEBUILDER_ASSETS to a folder that holds ${toolNames(module).join(", ")} (as envtest lays it out, and kube-controller-manager).`
  );
}

function binariesIn(directory: string, module: GoModule): Binaries {
  return {
    directory,
    etcd: join(directory, "etcd"),
    kubeApiserver: join(directory, "kube-apiserver"),
    kubeControllerManager: join(directory, "kube-controller-manager"),
    kubectl: join(directory, "kubectl"),
    kubernetesVersion: module.version,
  };
}
