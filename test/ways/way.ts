import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { ControlPlaneConnection } from "../control-plane/connection.ts";
import { furnish, standing, type Place } from "./place.ts";
import { refusals } from "./refusals.ts";
import { namesOf, type PolicySet } from "./sets.ts";

export type Tool = "kubectl" | "Argo CD" | "Flux" | "Helm 3" | "Helm 4";

/** One way in which people apply a set of policies, and what must come of it in a namespace that enforces `restricted`. */
export interface Way {
  readonly tool: Tool;
  /** What is done, and with what options. */
  readonly way: string;
  /** Which set, in words. */
  readonly set: string;
  /** Stands in the namespace before. */
  readonly before?: PolicySet;
  /** Whether each tier has a Deployment with a pod before the way is played. */
  readonly workloads?: boolean;
  /** Whether the tool makes the namespace itself. */
  readonly makesNamespace?: boolean;
  /** Plays it; whether the tool says that all went well. */
  readonly play: (place: Place) => Promise<boolean>;
  readonly succeeds: boolean;
  /** What is refused, as `verb name: rules`. */
  readonly refused: readonly string[];
  /** What the tool leaves to chance: which of `refused` are refused, if any, or with that the whole outcome. */
  readonly byChance?: "refusals" | "outcome";
  /** The policies that stand afterwards, with just these specs. */
  readonly stands: PolicySet;
  /** Why what is refused should be, or why nothing is. */
  readonly because: string;
}

/** What came of a way. */
export interface Played {
  readonly succeeds: boolean;
  readonly refused: readonly string[];
  /** Names of what stands, sorted; one whose spec is not the wanted one ends with `(differs)`. */
  readonly stands: readonly string[];
}

export const restricted = { "ringfence.dev/enforce": "restricted" } as const;

/** What must have come of the way; given what came, because some tools leave something to chance. */
export function expected({ succeeds, refused, stands, byChance }: Way, played: Played): Played {
  const planned = { succeeds, refused: refused.toSorted(), stands: namesOf(stands) };
  const possible = byChance !== undefined && played.refused.every((refusal) => refused.includes(refusal));
  if (!possible) return planned;
  return byChance === "outcome" ? played : { ...planned, refused: played.refused };
}

/** Plays a way in a namespace of that name, which is new and judged by a Ringfence. */
export async function playWay(
  way: Way,
  controlPlane: ControlPlaneConnection,
  namespace: string,
): Promise<Played> {
  const directory = join(controlPlane.address.directory, "ways", namespace);
  await mkdir(directory, { recursive: true });
  const place: Place = { controlPlane, namespace, directory };
  if (way.makesNamespace !== true) await furnish(place, restricted, way);
  const succeeds = await way.play(place);
  const refused = (await refusals(place)).toSorted();
  const wanted = new Map(way.stands.map((policy) => [policy.metadata.name, policy.spec]));
  const stands = [...(await standing(place))].map(([name, { spec }]) =>
    wanted.has(name) && !isDeepStrictEqual(spec, wanted.get(name)) ? `${name} (differs)` : name,
  );
  return { succeeds, refused, stands: stands.toSorted() };
}
