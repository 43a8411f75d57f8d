import { configMapData, nodeFacts, workloadFacts } from "#src/kubernetes/facts-shapes.ts";
import type { AddressFacts } from "#src/network/cluster-addresses.ts";
import type { DnsFacts } from "#src/network/dns/detect.ts";
import type { Fact, Question } from "#src/wire/cluster-facts.ts";
import type { ServiceCidr } from "#src/wire/service-cidr.ts";
import type { KubernetesObject } from "./objects.ts";

/** Kinds that are read, not followed. */
export const factKinds: ReadonlySet<string> = new Set(["Node", "ConfigMap", "ServiceCIDR"]);

/** The facts of a cluster that holds these objects and no others. */
export function factsOf(objects: readonly KubernetesObject[]): DnsFacts & AddressFacts {
  const of = (kind: string) => objects.filter((object) => object.kind === kind);
  const nodes = of("Node").map(nodeFacts);
  return {
    nodes: read({ verb: "list", resource: "nodes" }, { nodes, total: nodes.length }),
    controlPlaneNodes: read({ verb: "list", resource: "nodes" }, []),
    serviceCidrs: read(
      { verb: "list", resource: "servicecidrs.networking.k8s.io" },
      of("ServiceCIDR").flatMap((range: ServiceCidr) => range.spec?.cidrs ?? []),
    ),
    daemonSets: read(
      { verb: "list", resource: "daemonsets.apps" },
      of("DaemonSet").map((set) => workloadFacts("DaemonSet", set)),
    ),
    configMaps: byName("configmaps", of("ConfigMap"), configMapData),
    services: byName("services", of("Service"), (service) => service),
  };
}

function byName<T>(
  resource: string,
  objects: readonly KubernetesObject[],
  take: (object: KubernetesObject) => T,
): ReadonlyMap<string, Fact<T>> {
  return new Map(
    objects.map((object) => {
      const { namespace = "", name = "" } = object.metadata;
      return [`${namespace}/${name}`, read({ verb: "get", resource, namespace, name }, take(object))];
    }),
  );
}

function read<T>(question: Question, value: T): Fact<T> {
  return { state: "read", question, value };
}
