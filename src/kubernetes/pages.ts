import type { KubernetesClient, KubernetesObject, Query } from "./client.ts";

/** Objects that one page of a list holds. */
const pageSize = 500;

/**
 * The objects of a list, page by page, so that whoever keeps little of each never holds them all. `path` is that of the
 * kind. Throws as the client's `list` does.
 */
export async function* pages(
  client: Pick<KubernetesClient, "list">,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<readonly KubernetesObject[], void, undefined> {
  for (let next: string | undefined = ""; next !== undefined;) {
    const query: Query = { limit: String(pageSize), ...(next !== "" && { continue: next }) };
    const { items, metadata } = await client.list(path, query, signal);
    yield items ?? [];
    next = metadata.continue === "" ? undefined : metadata.continue;
  }
}

/** All objects of a list at once. Throws as `pages` does. */
export async function listAll(
  client: Pick<KubernetesClient, "list">,
  path: string,
  signal: AbortSignal,
): Promise<readonly KubernetesObject[]> {
  const all: KubernetesObject[] = [];
  for await (const items of pages(client, path, signal)) all.push(...items);
  return all;
}
