import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { controlPlaneBinaries } from "./binaries.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ringfence-binaries-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const tools = ["etcd", "kube-apiserver", "kube-controller-manager", "kubectl"];

async function program(file: string, text = "#!/bin/sh\n"): Promise<void> {
  await writeFile(file, text);
  await chmod(file, 0o755);
}

/** A go that takes as long as it likes and notes each program that it builds. */
async function standInGo(): Promise<NodeJS.ProcessEnv> {
  const bin = join(directory, "bin");
  await mkdir(bin);
  const log = join(directory, "built");
  await program(
    join(bin, "go"),
    `#!/bin/sh
if [ "$1" = version ]; then echo "go version go1.99 test/test"; exit; fi
while [ "$1" != -o ]; do shift; done
echo "\${2##*/}" >> ${log}
sleep 0.1
printf '#!/bin/sh\\n' > "$2"; chmod +x "$2"
`,
  );
  return { PATH: `${bin}:/usr/bin:/bin`, XDG_CACHE_HOME: join(directory, "cache") };
}

const silent = (): void => undefined;

test("KUBEBUILDER_ASSETS is used as it is", async () => {
  for (const tool of tools) await program(join(directory, tool));
  const binaries = await controlPlaneBinaries({ env: { KUBEBUILDER_ASSETS: directory }, progress: silent });
  expect(binaries).toMatchObject({
    directory,
    kubeControllerManager: join(directory, "kube-controller-manager"),
  });
  expect(binaries.kubernetesVersion).toMatch(/^v1\.36\.\d+$/);
});

test("KUBEBUILDER_ASSETS that lacks programs is an error that names them", async () => {
  await program(join(directory, "etcd"));
  await writeFile(join(directory, "kubectl"), "not executable");
  const building = controlPlaneBinaries({ env: { KUBEBUILDER_ASSETS: directory }, progress: silent });
  await expect(building).rejects.toThrow(
    /kube-apiserver, kube-controller-manager, kubectl are not there \(or cannot be run\)/,
  );
});

test("… and that says how to go without them", async () => {
  const building = controlPlaneBinaries({ env: { KUBEBUILDER_ASSETS: directory }, progress: silent });
  await expect(building).rejects.toThrow("to have them built with Go: KUBEBUILDER_ASSETS= npm run demo");
});

test("a relative KUBEBUILDER_ASSETS means the folder where the user is", async () => {
  await mkdir(join(directory, "assets"));
  for (const tool of tools) await program(join(directory, "assets", tool));
  const env = { KUBEBUILDER_ASSETS: "assets", INIT_CWD: directory };
  const { kubectl } = await controlPlaneBinaries({ env, progress: silent });
  expect(kubectl).toBe(join(directory, "assets/kubectl"));
});

test("without Go and without KUBEBUILDER_ASSETS the error says both ways", async () => {
  const building = controlPlaneBinaries({
    env: { PATH: directory, XDG_CACHE_HOME: directory },
    progress: silent,
  });
  await expect(building).rejects.toThrow(
    /install Go .* set KUBEBUILDER_ASSETS to a folder that holds etcd, /,
  );
});

test("two at once build each program once, into the user's cache, and later nobody builds", async () => {
  const env = await standInGo();
  const lines: string[] = [];
  const build = () => controlPlaneBinaries({ env, progress: (line) => lines.push(line) });
  const [one, other] = await Promise.all([build(), build()]);
  expect(other).toEqual(one);
  expect(await build()).toEqual(one);
  expect((await readFile(join(directory, "built"), "utf8")).trim().split("\n")).toEqual(tools);
  expect(one.directory).toContain(join(directory, "cache/ringfence/control-plane/v1.36."));
  expect(await readdir(one.directory)).toEqual(tools);
  expect(lines.join("\n")).toMatch(/\[4\/4\] kubectl/);
});

test("a go that builds nothing is not believed", async () => {
  const env = await standInGo();
  await program(join(directory, "bin/go"), "#!/bin/sh\nexit 0\n");
  await expect(controlPlaneBinaries({ env, progress: silent })).rejects.toThrow(
    "made no etcd, kube-apiserver, kube-controller-manager, kubectl. Is the go on PATH the real one?",
  );
  expect(await readdir(join(directory, "cache/ringfence/control-plane"))).toEqual([]);
});

test("a build that fails leaves nothing that could be taken for a control plane", async () => {
  const env = await standInGo();
  await program(
    join(directory, "bin/go"),
    '#!/bin/sh\nif [ "$1" = version ]; then echo go1; exit; fi\necho "no space left" >&2; exit 1\n',
  );
  await expect(controlPlaneBinaries({ env, progress: silent })).rejects.toThrow("no space left");
  expect(await readdir(join(directory, "cache/ringfence/control-plane"))).toEqual([]);
});
