import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Place } from "./place.ts";
import type { PolicySet } from "./sets.ts";

/** kubectl as the tenant in the namespace; whether it ended well. */
export async function kubectl(
  { controlPlane, namespace, directory }: Place,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  const { code } = await controlPlane.kubectl(["-n", namespace, ...args], {
    as: "tenant",
    cwd: directory,
    env,
  });
  return code === 0;
}

/** Writes the set into one file of the folder, and names it. */
export async function file({ directory }: Place, set: readonly object[]): Promise<string> {
  const name = "policies.yaml";
  await writeFile(join(directory, name), set.map((object) => JSON.stringify(object)).join("\n---\n"));
  return name;
}

/** Writes a file for each policy into a folder, and names it. */
export async function folder({ directory }: Place, set: PolicySet): Promise<string> {
  await mkdir(join(directory, "policies"));
  for (const object of set) {
    await writeFile(join(directory, "policies", `${object.metadata.name}.yaml`), JSON.stringify(object));
  }
  return "policies";
}

/** `kubectl edit` with somebody who replaces `from` by `to` in the editor. */
export async function edit(place: Place, name: string, from: string, to: string): Promise<boolean> {
  const editor = join(place.directory, "editor");
  await writeFile(editor, `#!/bin/sh\nsed -i 's|${from}|${to}|' "$1"\n`);
  await chmod(editor, 0o755);
  return await kubectl(place, ["edit", "networkpolicy", name], { KUBE_EDITOR: editor });
}

/** `kubectl apply` of the set from one file. */
export async function apply(
  place: Place,
  set: readonly object[],
  ...flags: readonly string[]
): Promise<boolean> {
  return await kubectl(place, ["apply", "-f", await file(place, set), ...flags]);
}
