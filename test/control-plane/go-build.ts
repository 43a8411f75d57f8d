import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { goBuildArguments, toolNames, type GoModule } from "./go-module.ts";
import { withLock } from "./lock.ts";
import { duration, toStandardError, withHeartbeat, type Progress } from "./progress.ts";

const run = promisify(execFile);

const unfinishedPrefix = "unfinished-";

export interface GoBuildOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly progress?: Progress;
  /** What to do where there is no Go: the text of the error. */
  readonly withoutGo: string;
}

/**
 * The folder that holds the programs of a Go module: built earlier into the user's cache folder, else built now, which
 * is said on the way. One build at a time on this machine. Throws `withoutGo` where Go is missing.
 */
export async function builtTools(module: GoModule, options: GoBuildOptions): Promise<string> {
  const { env = process.env, progress = toStandardError } = options;
  const root = join(cacheDirectory(env), "ringfence");
  const cache = join(root, module.title.replaceAll(" ", "-"));
  const directory = join(cache, cacheKey(module, await goVersion(module, env, options.withoutGo)));
  if ((await missingTools(module, directory)).length === 0) return directory;
  await mkdir(cache, { recursive: true });
  let told = 0;
  const waiting = async (holder: string): Promise<boolean> => {
    if (Date.now() - told > 15_000) {
      progress(`${module.title}: ${holder} is building already, waiting for it`);
      told = Date.now();
    }
    return (await missingTools(module, directory)).length === 0;
  };
  await withLock(join(root, "build.lock"), waiting, async () => {
    // Whoever held the lock before us may have built just this.
    if ((await missingTools(module, directory)).length > 0) {
      await build(module, cache, directory, env, progress);
    }
  });
  return directory;
}

/** XDG_CACHE_HOME, or ~/.cache. */
function cacheDirectory(env: NodeJS.ProcessEnv): string {
  const configured = env.XDG_CACHE_HOME;
  return configured === undefined || configured === "" ? join(homedir(), ".cache") : configured;
}

/** Another go.mod, go.sum or Go makes other programs. */
function cacheKey(module: GoModule, goVersionLine: string): string {
  const hash = createHash("sha256");
  for (const part of [module.goMod, module.goSum, goVersionLine]) hash.update(part).update("\0");
  return `${module.version}-${hash.digest("hex").slice(0, 16)}`;
}

async function goVersion(module: GoModule, env: NodeJS.ProcessEnv, withoutGo: string): Promise<string> {
  try {
    const { stdout } = await run("go", ["version"], { cwd: module.directory, env });
    return stdout.trim();
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw missing ? new Error(withoutGo, { cause: error }) : error;
  }
}

/** The programs of the module that are not in the folder, or cannot be run. */
export async function missingTools(module: GoModule, directory: string): Promise<string[]> {
  const tools = toolNames(module);
  const present = await Promise.all(
    tools.map(async (tool) => {
      try {
        await access(join(directory, tool), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    }),
  );
  return tools.filter((_, index) => present[index] === false);
}

async function build(
  module: GoModule,
  cache: string,
  directory: string,
  env: NodeJS.ProcessEnv,
  progress: Progress,
): Promise<void> {
  const { title, version, coldBuild } = module;
  const tools = toolNames(module);
  const start = Date.now();
  progress(
    `${title}: building ${tools.join(", ")} (${version}) into ${directory}; ` +
      `${coldBuild} the first time, never again until the version changes`,
  );
  // What an interrupted build left behind; we hold the lock, so nobody writes there.
  for (const name of await readdir(cache)) {
    if (name.startsWith(unfinishedPrefix)) await rm(join(cache, name), { recursive: true, force: true });
  }
  const unfinished = await mkdtemp(join(cache, unfinishedPrefix));
  try {
    for (const [index, tool] of tools.entries()) {
      const what = `${title}: [${index + 1}/${tools.length}] ${tool}`;
      progress(what);
      const args = goBuildArguments(module, tool, join(unfinished, tool));
      const goEnv = { ...env, CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "" };
      await withHeartbeat(progress, what, () =>
        run("go", args, { cwd: module.directory, env: goEnv, maxBuffer: 64 << 20 }),
      );
    }
    const missing = await missingTools(module, unfinished);
    if (missing.length > 0) {
      throw new Error(
        `${title}: go build said that all is well and made no ${missing.join(", ")}. Is the go on PATH the real one? See: type -a go`,
      );
    }
    // A folder that stands there by now lacks a program (we looked): it is replaced as a whole.
    await rm(directory, { recursive: true, force: true });
    await rename(unfinished, directory);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  progress(`${title}: built in ${duration(Date.now() - start)}`);
}
