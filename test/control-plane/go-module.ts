import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The programs of a control plane, by the name of their file, with the Go package that builds each. */
export const toolPackages = {
  etcd: "go.etcd.io/etcd/server/v3",
  "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
  "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
  kubectl: "k8s.io/kubernetes/cmd/kubectl",
} as const;

export type ToolName = keyof typeof toolPackages;
export const toolNames = Object.keys(toolPackages) as ToolName[];

/** A folder with a go.mod that names the control plane of one Kubernetes minor version. */
export interface GoModule {
  readonly directory: string;
  readonly goMod: string;
  readonly goSum: string;
  /** With its `v`, e.g. `v1.36.3`. */
  readonly kubernetesVersion: string;
}

/** The module of the Kubernetes minor `minor` ("v1.36"). Throws where go.mod does not say its version. */
export function readGoModule(minor: string): GoModule {
  const directory = join(import.meta.dirname, minor);
  const goMod = readFileSync(join(directory, "go.mod"), "utf8");
  const version = /^\s*k8s\.io\/kubernetes (v\d+\.\d+\.\d+)/m.exec(goMod)?.[1];
  if (version === undefined) throw new Error(`${directory}/go.mod names no version of k8s.io/kubernetes`);
  return {
    directory,
    goMod,
    goSum: readFileSync(join(directory, "go.sum"), "utf8"),
    kubernetesVersion: version,
  };
}

/**
 * The arguments of `go build` for one tool. Without the version flags a kube-apiserver calls itself v0.0.0,
 * and clients that look at the server's version misbehave.
 */
export function goBuildArguments(module: GoModule, tool: ToolName, output: string): string[] {
  const [major = "", minor = ""] = module.kubernetesVersion.slice(1).split(".");
  const variable = (name: string, value: string): string =>
    `-X k8s.io/component-base/version.${name}=${value}`;
  const linker = [
    "-s -w",
    variable("gitVersion", module.kubernetesVersion),
    variable("gitMajor", major),
    variable("gitMinor", minor),
  ];
  return ["build", "-trimpath", "-ldflags", linker.join(" "), "-o", output, toolPackages[tool]];
}
