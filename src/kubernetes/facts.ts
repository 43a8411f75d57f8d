import { messageOf } from "../errors.ts";
import type { ApiGroupList } from "../wire/api-groups.ts";
import type {
  ClusterFacts,
  Fact,
  NodeFacts,
  NodeSample,
  Question,
  WorkloadFacts,
} from "../wire/cluster-facts.ts";
import type { ConfigMap } from "../wire/config-map.ts";
import type { EndpointSlice } from "../wire/endpoint-slice.ts";
import type { Node } from "../wire/node.ts";
import type { Service } from "../wire/service.ts";
import type { ServiceCidr } from "../wire/service-cidr.ts";
import type { Workload } from "../wire/workload.ts";
import { ApiError } from "./api-error.ts";
import type { KubernetesClient } from "./client.ts";
import { mostDaemonSets, namedObjects, sampledNodes } from "./facts-list.ts";
import { configMapData, groupNames, nodeFacts, workloadFacts } from "./facts-shapes.ts";
import { createGate } from "./gate.ts";
import { pages } from "./pages.ts";
import { fullName, resourcePath, type ResourceName } from "./resources.ts";

/** The requests that reading facts needs. */
export type FactsClient = Pick<KubernetesClient, "get" | "list">;

/** The API server is asked so much at once. */
const requestsAtOnce = 3;

/**
 * Reads the facts: some twenty small requests, none of which grows with the cluster but the list of its DaemonSets.
 * Rejects only with the signal's reason; whatever else goes wrong stands in the fact that it concerns.
 */
export async function readClusterFacts(client: FactsClient, signal: AbortSignal): Promise<ClusterFacts> {
  const gate = createGate(requestsAtOnce);
  const ask: Ask = async (question, request) => {
    try {
      const value = await gate.run(() => request(client, signal), signal);
      return { state: "read", question, value };
    } catch (error) {
      signal.throwIfAborted();
      return unread(question, error);
    }
  };
  const [apiGroups, daemonSets, nodes, controlPlaneNodes, serviceCidrs, openShiftSdnPlugin] =
    await Promise.all([
      ask({ verb: "get", resource: "/apis" }, async () =>
        groupNames((await client.get("/apis", signal)) as ApiGroupList),
      ),
      ask({ verb: "list", resource: fullName("daemonsets") }, allDaemonSets),
      ask({ verb: "list", resource: fullName("nodes") }, nodeSample),
      ask({ verb: "list", resource: fullName("nodes") }, controlPlane),
      ask({ verb: "list", resource: fullName("servicecidrs") }, serviceRanges),
      ask({ verb: "get", resource: "clusternetworks.network.openshift.io", name: "default" }, sdnPlugin),
    ]);
  const { configMaps, deployments, services } = namedObjects;
  const [maps, deployed, found, slices] = await Promise.all([
    named("configmaps", configMaps, ask, (object) => configMapData(object as ConfigMap)),
    named("deployments", deployments, ask, (object) => workloadFacts("Deployment", object as Workload)),
    named("services", services, ask, (object) => object as Service),
    slicesOf(services, ask),
  ]);
  return {
    apiGroups,
    daemonSets,
    nodes,
    controlPlaneNodes,
    serviceCidrs,
    openShiftSdnPlugin,
    configMaps: maps,
    deployments: deployed,
    services: found,
    endpointSlices: slices,
  };
}

type Request<T> = (client: FactsClient, signal: AbortSignal) => Promise<T>;
type Ask = <T>(question: Question, request: Request<T>) => Promise<Fact<T>>;

/** A 404 says that the object, its namespace or its whole kind is not there: nothing of it is in use. */
function unread(question: Question, error: unknown): Fact<never> {
  if (error instanceof ApiError && error.status === 404) return { state: "absent", question };
  if (error instanceof ApiError && error.status === 403) return { state: "forbidden", question };
  return { state: "failed", question, problem: messageOf(error) };
}

async function allDaemonSets(client: FactsClient, signal: AbortSignal): Promise<readonly WorkloadFacts[]> {
  const all: WorkloadFacts[] = [];
  for await (const items of pages(client, resourcePath("daemonsets"), signal)) {
    for (const item of items) all.push(workloadFacts("DaemonSet", item));
    if (all.length > mostDaemonSets) throw new Error(`there are more than ${mostDaemonSets}`);
  }
  return all;
}

/** The first page; no selector, which would have the API server read on until it is full. */
async function nodeSample(client: FactsClient, signal: AbortSignal): Promise<NodeSample> {
  const { items, metadata } = await client.list(
    resourcePath("nodes"),
    { limit: String(sampledNodes) },
    signal,
  );
  const nodes = (items ?? []).map((item) => nodeFacts(item as Node));
  return { nodes, total: nodes.length + (metadata.remainingItemCount ?? 0) };
}

/** From the API server's cache, which finds the few there are without reading all from etcd. */
async function controlPlane(client: FactsClient, signal: AbortSignal): Promise<readonly NodeFacts[]> {
  const query = { labelSelector: "node-role.kubernetes.io/control-plane", resourceVersion: "0" };
  const { items } = await client.list(resourcePath("nodes"), query, signal);
  return (items ?? []).map((item) => nodeFacts(item as Node));
}

async function sdnPlugin(client: FactsClient, signal: AbortSignal): Promise<string> {
  const path = "/apis/network.openshift.io/v1/clusternetworks/default";
  const { pluginName } = (await client.get(path, signal)) as { pluginName?: string };
  return pluginName ?? "";
}

/** A cluster has one or two of them, each of at most two ranges. */
async function serviceRanges(client: FactsClient, signal: AbortSignal): Promise<readonly string[]> {
  const ranges: string[] = [];
  for await (const items of pages(client, resourcePath("servicecidrs"), signal)) {
    for (const item of items) ranges.push(...((item as ServiceCidr).spec?.cidrs ?? []));
  }
  return ranges;
}

/** Objects of one kind by their names, one request each. */
async function named<T>(
  resource: ResourceName,
  names: readonly string[],
  ask: Ask,
  read: (object: unknown) => T,
): Promise<ReadonlyMap<string, Fact<T>>> {
  const facts = names.map(async (id) => {
    const [namespace = "", name = ""] = id.split("/");
    const question = { verb: "get", resource: fullName(resource), namespace, name } as const;
    const fact = await ask(question, async (client, signal) =>
      read(await client.get(`${resourcePath(resource, namespace)}/${name}`, signal)),
    );
    return [id, fact] as const;
  });
  return new Map(await Promise.all(facts));
}

async function slicesOf(
  services: readonly string[],
  ask: Ask,
): Promise<ReadonlyMap<string, Fact<readonly EndpointSlice[]>>> {
  const facts = services.map(async (id) => {
    const [namespace = "", name = ""] = id.split("/");
    const question = { verb: "list", resource: fullName("endpointslices"), namespace } as const;
    const fact = await ask(question, async (client, signal) => {
      const { items } = await client.list(
        resourcePath("endpointslices", namespace),
        { labelSelector: `kubernetes.io/service-name=${name}` },
        signal,
      );
      return items ?? [];
    });
    return [id, fact] as const;
  });
  return new Map(await Promise.all(facts));
}
