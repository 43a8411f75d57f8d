import type { ContainerFacts, WorkloadFacts } from "../../wire/cluster-facts.ts";

/** The first container with one of these names, or whose image is one of these. */
export function containerOf(
  { containers }: WorkloadFacts,
  names: readonly string[],
  image?: RegExp,
): ContainerFacts | undefined {
  return containers.find((each) => names.includes(each.name) || image?.test(imageRepository(each.image)));
}

/** `calico/node` of `docker.io/calico/node:v3.28.0@sha256:…`: without registry, tag and digest. */
export function imageRepository(image: string): string {
  const [name = ""] = image.split("@");
  const untagged = name.replace(/:[^/:]*$/, "");
  const [host = "", ...path] = untagged.split("/");
  return path.length > 0 && /[.:]|^localhost$/.test(host) ? path.join("/") : untagged;
}

/** The tag of an image, as `v1.14.0`; empty where it has none. */
export function imageTag(image: string): string {
  const [name = ""] = image.split("@");
  return /:([^/:]*)$/.exec(name)?.[1] ?? "";
}

/** Major and minor version of a tag such as `v1.16.3-eksbuild.1`; undefined where it is none. */
export function versionOf(tag: string): { readonly major: number; readonly minor: number } | undefined {
  const match = /^v?(\d{1,4})\.(\d{1,4})(?:\.|-|$)/.exec(tag);
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}

/**
 * The value of a boolean or `=`-joined flag as pflag reads it: `--flag` alone means `true`, the last one counts.
 * Undefined where it is not given. An argument may be a whole shell script.
 */
export function flagOf({ args }: ContainerFacts, name: string): string | undefined {
  const words = args.flatMap((arg) => arg.split(/\s+/)).map((word) => word.replace(/^["']|["'\\]+$/g, ""));
  const given = words.findLast((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  if (given === undefined) return undefined;
  return given.includes("=") ? given.slice(name.length + 3) : "true";
}

/** What Go's strconv.ParseBool makes of a text; undefined where it is none. */
export function boolOf(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true;
  return /^(0|f|F|false|FALSE|False)$/.test(text) ? false : undefined;
}

/** All that a workload is called: its name, its containers' and their images'. */
export function namesOf({ name, containers }: WorkloadFacts): readonly string[] {
  return [name, ...containers.flatMap((each) => [each.name, imageRepository(each.image)])];
}
