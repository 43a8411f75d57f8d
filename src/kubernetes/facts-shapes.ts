import type { ApiGroupList } from "../wire/api-groups.ts";
import type { ContainerFacts, NodeFacts, WorkloadFacts } from "../wire/cluster-facts.ts";
import type { ConfigMap } from "../wire/config-map.ts";
import type { Node } from "../wire/node.ts";
import type { Container } from "../wire/pod.ts";
import type { Workload } from "../wire/workload.ts";
import { nodeAnnotations } from "./facts-list.ts";

/** What is kept of a DaemonSet or Deployment as the API server sends it. */
export function workloadFacts(kind: WorkloadFacts["kind"], workload: Workload): WorkloadFacts {
  const { metadata, spec } = workload;
  const template = spec?.template;
  const sidecars = (template?.spec?.initContainers ?? []).filter((each) => each.restartPolicy === "Always");
  return {
    kind,
    namespace: metadata.namespace ?? "",
    name: metadata.name ?? "",
    labels: texts(metadata.labels),
    podLabels: texts(template?.metadata?.labels),
    hostNetwork: template?.spec?.hostNetwork === true,
    containers: [...(template?.spec?.containers ?? []), ...sidecars].map(containerFacts),
    pods: podCounts(kind, workload),
  };
}

function podCounts(kind: WorkloadFacts["kind"], { spec, status }: Workload): WorkloadFacts["pods"] {
  if (status?.observedGeneration === undefined) return undefined;
  return kind === "DaemonSet"
    ? { desired: status.desiredNumberScheduled ?? 0, ready: status.numberReady ?? 0 }
    : { desired: spec?.replicas ?? 1, ready: status.readyReplicas ?? 0 };
}

function containerFacts({ name = "", image = "", command, args, env }: Container): ContainerFacts {
  const literal = (env ?? []).flatMap((each) =>
    each.value === undefined ? [] : [[each.name, each.value] as const],
  );
  return { name, image, args: [...(command ?? []), ...(args ?? [])], env: new Map(literal) };
}

/** What is kept of a Node. */
export function nodeFacts({ metadata, spec, status }: Node): NodeFacts {
  const annotations = [...texts(metadata.annotations)].filter(([key]) =>
    nodeAnnotations.some((start) => key.startsWith(start)),
  );
  return {
    name: metadata.name ?? "",
    labels: texts(metadata.labels),
    annotations: new Map(annotations),
    podCIDRs: spec?.podCIDRs ?? [],
    addresses: (status?.addresses ?? [])
      .filter(({ type }) => type === "InternalIP" || type === "ExternalIP")
      .map(({ address }) => address),
    providerID: spec?.providerID ?? "",
    osImage: status?.nodeInfo?.osImage ?? "",
    operatingSystem: status?.nodeInfo?.operatingSystem ?? "",
    kubeletVersion: status?.nodeInfo?.kubeletVersion ?? "",
  };
}

export function configMapData({ data }: ConfigMap): ReadonlyMap<string, string> {
  return texts(data);
}

export function groupNames({ groups }: ApiGroupList): readonly string[] {
  return (groups ?? []).map(({ name }) => name);
}

function texts(record: Readonly<Record<string, string>> | null | undefined): ReadonlyMap<string, string> {
  return new Map(Object.entries(record ?? {}));
}
