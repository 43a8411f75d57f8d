import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { goBuildArguments, readGoModule, toolNames, type GoModule, type ToolName } from "./go-module.ts";
import { withLock } from "./lock.ts";
import { duration, toStandardError, withHeartbeat, type Progress } from "./progress.ts";

const run = promisify(execFile);

const unfinishedPrefix = "unfinished-";

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
  const { minor = "v1.36", env = process.env, progress = toStandardError } = options;
  const module = readGoModule(minor);
  const assets = env.KUBEBUILDER_ASSETS;
  if (assets !== undefined && assets !== "") {
    const missing = await missingTools(assets);
    if (missing.length === 0) return binariesIn(assets, module);
    throw new Error(
      `KUBEBUILDER_ASSETS is ${assets}, but ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not there ` +
        `(or cannot be run). It must hold ${toolNames.join(", ")}; unset it to have them built with Go.`,
    );
  }
  const cache = join(cacheDirectory(env), "ringfence", "control-plane");
  const directory = join(cache, cacheKey(module, await goVersion(module, env)));
  if ((await missingTools(directory)).length > 0) await buildOnce(module, cache, directory, env, progress);
  return binariesIn(directory, module);
}

/** XDG_CACHE_HOME, or ~/.cache. */
function cacheDirectory(env: NodeJS.ProcessEnv): string {
  const configured = env.XDG_CACHE_HOME;
  return configured === undefined || configured === "" ? join(homedir(), ".cache") : configured;
}

/** Another go.mod, go.sum or Go makes other programs. */
export function cacheKey(module: GoModule, goVersionLine: string): string {
  const hash = createHash("sha256");
  for (const part of [module.goMod, module.goSum, goVersionLine]) hash.update(part).update("\0");
  return `${module.kubernetesVersion}-${hash.digest("hex").slice(0, 16)}`;
}

async function goVersion(module: GoModule, env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const { stdout } = await run("go", ["version"], { cwd: module.directory, env });
    return stdout.trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      const path = (env.PATH ?? "").split(delimiter).join(" ");
      throw new Error(
        `The end-to-end tests and the demo need a real Kubernetes control plane (${module.kubernetesVersion}). Either ` +
          `install Go (https://go.dev/dl; looked in ${path}) and it is built once, in about ten minutes; or set ` +
          `KUBEBUILDER_ASSETS to a folder that holds ${toolNames.join(", ")} (as envtest lays it out, and kube-controller-manager).`,
        { cause: error },
      );
    }
    throw error;
  }
}

async function missingTools(directory: string): Promise<ToolName[]> {
  const present = await Promise.all(
    toolNames.map(async (tool) => {
      try {
        await access(join(directory, tool), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    }),
  );
  return toolNames.filter((_, index) => present[index] === false);
}

function binariesIn(directory: string, module: GoModule): Binaries {
  return {
    directory,
    etcd: join(directory, "etcd"),
    kubeApiserver: join(directory, "kube-apiserver"),
    kubeControllerManager: join(directory, "kube-controller-manager"),
    kubectl: join(directory, "kubectl"),
    kubernetesVersion: module.kubernetesVersion,
  };
}

async function buildOnce(
  module: GoModule,
  cache: string,
  directory: string,
  env: NodeJS.ProcessEnv,
  progress: Progress,
): Promise<void> {
  await mkdir(cache, { recursive: true });
  let told = 0;
  const waiting = async (holder: string): Promise<boolean> => {
    if (Date.now() - told > 15_000) progress(`control plane: ${holder} builds one already, waiting for it`);
    if (Date.now() - told > 15_000) told = Date.now();
    return (await missingTools(directory)).length === 0;
  };
  await withLock(join(cache, "build.lock"), waiting, async () => {
    // Whoever held the lock before us may have built just this.
    if ((await missingTools(directory)).length > 0) await build(module, cache, directory, env, progress);
  });
}

async function build(
  module: GoModule,
  cache: string,
  directory: string,
  env: NodeJS.ProcessEnv,
  progress: Progress,
): Promise<void> {
  const start = Date.now();
  progress(
    `control plane: building ${toolNames.join(", ")} (Kubernetes ${module.kubernetesVersion}) into ${directory}; ` +
      "about ten minutes the first time, never again until the version changes",
  );
  // What an interrupted build left behind; we hold the lock, so nobody writes there.
  for (const name of await readdir(cache)) {
    if (name.startsWith(unfinishedPrefix)) await rm(join(cache, name), { recursive: true, force: true });
  }
  const unfinished = await mkdtemp(join(cache, unfinishedPrefix));
  try {
    for (const [index, tool] of toolNames.entries()) {
      const what = `control plane: [${index + 1}/${toolNames.length}] ${tool}`;
      progress(what);
      const args = goBuildArguments(module, tool, join(unfinished, tool));
      const goEnv = { ...env, CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "" };
      await withHeartbeat(progress, what, () =>
        run("go", args, { cwd: module.directory, env: goEnv, maxBuffer: 64 << 20 }),
      );
    }
    // A folder that stands there by now lacks a program (we looked): it is replaced as a whole.
    await rm(directory, { recursive: true, force: true });
    await rename(unfinished, directory);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  progress(`control plane: built in ${duration(Date.now() - start)}`);
}
