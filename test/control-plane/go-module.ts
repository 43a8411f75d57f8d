import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A folder with a go.mod that names programs as tools, and how each of them is built. */
export interface GoModule<Tool extends string = string> {
  readonly directory: string;
  readonly goMod: string;
  readonly goSum: string;
  /** What the programs are together, for lines of progress: "control plane". */
  readonly title: string;
  /** The version of the module that matters most, with its `v`. */
  readonly version: string;
  /** The programs, by the name of their file, with the Go package that builds each. */
  readonly packages: Readonly<Record<Tool, string>>;
  readonly linkerFlags: string;
  /** How long a first build takes on two cores: "about ten minutes". */
  readonly coldBuild: string;
}

export interface GoModuleDescription<Tool extends string> extends Pick<
  GoModule<Tool>,
  "directory" | "title" | "packages" | "coldBuild"
> {
  /** The path of the module whose version the folder is about. */
  readonly modulePath: string;
  /** Given that version; nothing but the stripping of symbols unless said. */
  readonly linkerFlags?: (version: string) => string;
}

/** Reads the go.mod of a folder. Throws where it does not say the version that it is about. */
export function readGoModule<Tool extends string>(description: GoModuleDescription<Tool>): GoModule<Tool> {
  const { directory, title, packages, coldBuild, modulePath } = description;
  const goMod = readFileSync(join(directory, "go.mod"), "utf8");
  const line = goMod.split("\n").find((text) => text.trimStart().startsWith(`${modulePath} v`));
  const version = /\sv\d+\.\d+\.\d+/.exec(line ?? "")?.[0].trim();
  if (version === undefined) throw new Error(`${directory}/go.mod names no version of ${modulePath}`);
  const linkerFlags = description.linkerFlags?.(version) ?? "-s -w";
  const goSum = readFileSync(join(directory, "go.sum"), "utf8");
  return { directory, goMod, goSum, title, version, packages, linkerFlags, coldBuild };
}

/** The names of a module's programs. */
export function toolNames<Tool extends string>(module: GoModule<Tool>): Tool[] {
  return Object.keys(module.packages) as Tool[];
}

/** The arguments of `go build` for one program. */
export function goBuildArguments<Tool extends string>(
  module: GoModule<Tool>,
  tool: Tool,
  output: string,
): string[] {
  return ["build", "-trimpath", "-ldflags", module.linkerFlags, "-o", output, module.packages[tool]];
}
