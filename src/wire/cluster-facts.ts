import type { EndpointSlice } from "./endpoint-slice.ts";
import type { Service } from "./service.ts";

/** What was asked of the API server, in the words in which its rights are granted. */
export interface Question {
  readonly verb: "get" | "list";
  /** With its group, as `kubectl auth can-i` takes it: `daemonsets.apps`, `nodes`; a path where it is no resource. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** One part of what is known of the cluster: what was read, or why it is not known. That nothing is there is known. */
export type Fact<T> =
  | { readonly state: "read"; readonly question: Question; readonly value: T }
  | { readonly state: "absent"; readonly question: Question }
  | { readonly state: "forbidden"; readonly question: Question }
  | { readonly state: "failed"; readonly question: Question; readonly problem: string };

/** `list daemonsets.apps`, `get configmaps kube-system/cilium-config`. */
function questionText({ verb, resource, namespace, name }: Question): string {
  const object = [namespace, name].filter((part) => part !== undefined).join("/");
  return object === "" ? `${verb} ${resource}` : `${verb} ${resource} ${object}`;
}

/** Why a part is not known, as the end of a sentence; undefined where it is. */
export function whyUnknown(fact: Fact<unknown>): string | undefined {
  if (fact.state === "forbidden") return `no right to ${questionText(fact.question)}`;
  return fact.state === "failed" ? `could not ${questionText(fact.question)}: ${fact.problem}` : undefined;
}

/** A text by a name that may be any: a Map, so that `constructor` and `__proto__` are names like any other. */
type Texts = ReadonlyMap<string, string>;

/** A DaemonSet or Deployment, reduced to what tells which program runs with which flags. */
export interface WorkloadFacts {
  readonly kind: "DaemonSet" | "Deployment";
  readonly namespace: string;
  readonly name: string;
  readonly labels: Texts;
  /** Those of the pods. */
  readonly podLabels: Texts;
  readonly hostNetwork: boolean;
  /** Also init containers that go on running (restartPolicy Always). */
  readonly containers: readonly ContainerFacts[];
  /** Pods; undefined until the controller has looked at the object. */
  readonly pods: { readonly desired: number; readonly ready: number } | undefined;
}

export interface ContainerFacts {
  readonly name: string;
  readonly image: string;
  /** `command` and `args`, in this order. */
  readonly args: readonly string[];
  /** Literal values alone. */
  readonly env: Texts;
}

export interface NodeFacts {
  readonly name: string;
  readonly labels: Texts;
  /** Only those that tell of the network and the distribution. */
  readonly annotations: Texts;
  /** The ranges of its pods. */
  readonly podCIDRs: readonly string[];
  /** Its own, inside and outside; no names. */
  readonly addresses: readonly string[];
  readonly providerID: string;
  readonly osImage: string;
  readonly operatingSystem: string;
  readonly kubeletVersion: string;
}

/** Nodes are many and much alike: the first few stand for all. */
export interface NodeSample {
  readonly nodes: readonly NodeFacts[];
  /** How many there are in all. */
  readonly total: number;
}

/** What is read of the cluster beside the objects that are followed, to tell its network plugin, its DNS and its address ranges. */
export interface ClusterFacts {
  /** API groups that are served, without their versions. */
  readonly apiGroups: Fact<readonly string[]>;
  /** All of the cluster: that none of them polices anything can only be said of all. */
  readonly daemonSets: Fact<readonly WorkloadFacts[]>;
  readonly nodes: Fact<NodeSample>;
  /** Those labelled `node-role.kubernetes.io/control-plane`, all of them. */
  readonly controlPlaneNodes: Fact<readonly NodeFacts[]>;
  /** The ranges of Services. */
  readonly serviceCidrs: Fact<readonly string[]>;
  /** By `namespace/name`; those that `src/kubernetes/facts-list.ts` names, and no others. */
  readonly deployments: ReadonlyMap<string, Fact<WorkloadFacts>>;
  readonly configMaps: ReadonlyMap<string, Fact<Texts>>;
  readonly services: ReadonlyMap<string, Fact<Service>>;
  /** By `namespace/name` of their Service. */
  readonly endpointSlices: ReadonlyMap<string, Fact<readonly EndpointSlice[]>>;
  /** `pluginName` of the ClusterNetwork `default` of OpenShift SDN. */
  readonly openShiftSdnPlugin: Fact<string>;
}
