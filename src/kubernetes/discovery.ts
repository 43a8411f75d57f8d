import { ApiError } from "./api-error.ts";
import type { KubernetesClient } from "./client.ts";

/** A kind that the API server serves, in one of its versions. */
export interface ServedResource {
  readonly kind: string;
  readonly namespaced: boolean;
  /** Where all objects of it are listed and watched. */
  readonly path: string;
}

/** What a group serves, or why nobody can tell. */
export type GroupContent = readonly ServedResource[] | Error;

/**
 * What of these groups the API server serves: for each group that it has the resources of all versions, the preferred
 * version first, or the error where it names the group and cannot say what is in it (an aggregated API that is down).
 * Asks `/apis` and each version of the groups found, as every authenticated user may and every version of Kubernetes
 * answers. Throws as the client does where `/apis` itself cannot be had.
 */
export async function discoverGroups(
  client: Pick<KubernetesClient, "get">,
  groups: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, GroupContent>> {
  const served = groupVersions(await client.get("/apis", signal));
  const asked = groups.flatMap((group) => {
    const versions = served.get(group);
    return versions === undefined ? [] : [{ group, versions }];
  });
  const found = asked.map(async ({ group, versions }): Promise<[string, GroupContent]> => {
    try {
      const resources = versions.map((version) => resourcesOf(client, `/apis/${group}/${version}`, signal));
      return [group, (await Promise.all(resources)).flat()];
    } catch (error) {
      signal.throwIfAborted();
      return [group, error instanceof Error ? error : new Error(String(error))];
    }
  });
  return new Map(await Promise.all(found));
}

async function resourcesOf(
  client: Pick<KubernetesClient, "get">,
  path: string,
  signal: AbortSignal,
): Promise<ServedResource[]> {
  try {
    return resources(await client.get(path, signal), path);
  } catch (error) {
    // Gone since `/apis` was read.
    if (error instanceof ApiError && error.status === 404) return [];
    throw error;
  }
}

/** Versions by group, of a meta/v1 APIGroupList. What has not its shape is left out. */
function groupVersions(list: unknown): ReadonlyMap<string, readonly string[]> {
  const versions = new Map<string, readonly string[]>();
  for (const group of arrayIn(list, "groups")) {
    const name = valueIn(group, "name");
    if (typeof name !== "string") continue;
    const preferred = valueIn(valueIn(group, "preferredVersion"), "version");
    const all = [preferred, ...arrayIn(group, "versions").map((version) => valueIn(version, "version"))];
    versions.set(name, [...new Set(all.filter((version) => typeof version === "string"))]);
  }
  return versions;
}

/** The resources that can be listed, of a meta/v1 APIResourceList; subresources are left out. */
function resources(list: unknown, path: string): ServedResource[] {
  return arrayIn(list, "resources").flatMap((resource) => {
    const name = valueIn(resource, "name");
    const kind = valueIn(resource, "kind");
    if (typeof name !== "string" || typeof kind !== "string" || name.includes("/")) return [];
    if (!arrayIn(resource, "verbs").includes("list")) return [];
    return [{ kind, namespaced: valueIn(resource, "namespaced") === true, path: `${path}/${name}` }];
  });
}

function valueIn(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}

function arrayIn(value: unknown, key: string): readonly unknown[] {
  const found = valueIn(value, key);
  return Array.isArray(found) ? (found as readonly unknown[]) : [];
}
