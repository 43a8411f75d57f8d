import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { ApiError } from "../../src/kubernetes/api-error.ts";
import { readClusterFacts, type FactsClient } from "../../src/kubernetes/facts.ts";
import type { KubernetesObject } from "../../src/kubernetes/client.ts";
import type { ClusterFacts } from "../../src/wire/cluster-facts.ts";

/** What the first document of a recorded cluster may say of the answers; the objects follow, as `kubectl get -o yaml` shows them. */
const answers = z.looseObject({
  /** Rights that are missing, as `kubectl auth can-i` takes them: `list nodes`, `get configmaps kube-system/cilium-config`. */
  forbidden: z.array(z.string()).default([]),
  apiGroups: z.array(z.string()).default([]),
  /** How many nodes there are in all, where not each is written down. */
  nodes: z.number().optional(),
});

/** An object as it stands in the file; its shape beyond this is what the file's author wrote. */
export interface RecordedObject extends KubernetesObject {
  readonly kind: string;
}

const recordedObject = z.custom<RecordedObject>(
  (value) =>
    z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) }).safeParse(value)
      .success,
);

/** A cluster as a file records it: what is asked of it, and what it holds. */
export interface RecordedCluster {
  /** The first document, with all that the test adds to it. */
  readonly head: Readonly<Record<string, unknown>>;
  readonly client: FactsClient;
  /** The same where these rights are missing as well. */
  clientWithout(...rights: readonly string[]): FactsClient;
  readonly objects: readonly RecordedObject[];
}

/** The file of a recorded cluster, by its path below test/fixtures/facts without its ending. */
export function recordedFile(name: string): string {
  return fileURLToPath(new URL(`../fixtures/facts/${name}.yaml`, import.meta.url));
}

/** Reads a recorded cluster. */
export function recordedCluster(file: string): RecordedCluster {
  const [first, ...rest] = parseAllDocuments(readFileSync(file, "utf8"));
  const head = answers.parse(first?.toJS() ?? {});
  const objects = rest.map((one) => recordedObject.parse(one.toJS()));
  const clientWithout = (...rights: string[]): FactsClient =>
    clientOf({ ...head, forbidden: [...head.forbidden, ...rights] }, objects);
  return { head, objects, client: clientWithout(), clientWithout };
}

/** The facts that Ringfence would read of it. */
export async function recordedFacts(file: string): Promise<ClusterFacts> {
  return await readClusterFacts(recordedCluster(file).client, new AbortController().signal);
}

const kinds: Readonly<Record<string, string>> = {
  daemonsets: "DaemonSet",
  deployments: "Deployment",
  configmaps: "ConfigMap",
  services: "Service",
  endpointslices: "EndpointSlice",
  nodes: "Node",
  servicecidrs: "ServiceCIDR",
  namespaces: "Namespace",
  pods: "Pod",
  clusternetworks: "ClusterNetwork",
};

function clientOf(head: z.infer<typeof answers>, objects: readonly RecordedObject[]): FactsClient {
  const refuse = (verb: string, { group, resource, id }: Place): void => {
    const full = group === "" ? resource : `${resource}.${group}`;
    const asked = [verb, full, ...(id === "" ? [] : [id])].join(" ");
    if (head.forbidden.includes(asked)) throw new ApiError(403, `forbidden: ${asked}`);
  };
  return {
    get: (path) =>
      Promise.resolve().then(() => {
        if (path === "/apis") {
          if (head.forbidden.includes("get /apis")) throw new ApiError(403, "forbidden");
          return { groups: head.apiGroups.map((name) => ({ name })) };
        }
        const place = placeOf(path);
        refuse("get", place);
        const found = objects.find((each) => each.kind === kinds[place.resource] && idOf(each) === place.id);
        if (found === undefined) throw new ApiError(404, `not found: ${path}`);
        return found;
      }),
    list: (path, query) =>
      Promise.resolve().then(() => {
        const place = placeOf(path);
        refuse("list", place);
        const [key, value] = (query["labelSelector"] ?? "").split("=");
        const items = objects.filter(({ kind, metadata }) => {
          const label = key === undefined || key === "" ? undefined : metadata.labels?.[key];
          const matches = !key || (value === undefined ? label !== undefined : label === value);
          return kind === kinds[place.resource] && matches;
        });
        const limit = Number(query["limit"] ?? Infinity);
        const total = place.resource === "nodes" && !key ? (head.nodes ?? items.length) : items.length;
        const page: KubernetesObject[] = items.slice(0, limit);
        const metadata = total > page.length ? { remainingItemCount: total - page.length } : {};
        return { metadata, items: page };
      }),
  };
}

interface Place {
  readonly group: string;
  readonly resource: string;
  /** `namespace/name`, or the name alone; empty for all of a namespace or the cluster. */
  readonly id: string;
}

function placeOf(path: string): Place {
  const match = /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?$/.exec(
    path,
  );
  const [, group = "", namespace, resource = "", name] = match ?? [];
  return { group, resource, id: [namespace, name].filter((part) => part !== undefined).join("/") };
}

function idOf({ metadata }: RecordedObject): string {
  return [metadata.namespace, metadata.name].filter((part) => part !== undefined).join("/");
}
