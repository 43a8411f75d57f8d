import { followedKinds, type FollowedKind } from "#src/view/followed-kinds.ts";
import { createLiveView, type LiveView, type LiveViewOptions } from "#src/view/live-view.ts";
import { Interner } from "#src/network/interner.ts";
import type { ObjectMeta } from "#src/wire/meta.ts";
import type { Namespace } from "#src/wire/namespace.ts";
import type { NetworkPolicy } from "#src/wire/network-policy.ts";
import type { Pod } from "#src/wire/pod.ts";
import type { Service } from "#src/wire/service.ts";
import type { CronJob, Workload } from "#src/wire/workload.ts";

export type Objects = Partial<Record<FollowedKind, { metadata: object }[]>>;

/** Delivers a complete list of each kind that is given, as reflectors do. */
export function deliver(view: LiveView, objects: Objects): void {
  for (const kind of followedKinds) {
    const list = objects[kind];
    if (list === undefined) continue;
    const handler = view.handlers[kind];
    handler.replaceBegin();
    for (const object of list) handler.upsert(object);
    handler.replaceDone();
  }
}

/** A view of which every kind is known. */
export function knownView(objects: Objects = {}, options: Partial<LiveViewOptions> = {}): LiveView {
  const view = createLiveView({ interner: new Interner(), ...options });
  const none = Object.fromEntries(followedKinds.map((kind) => [kind, []]));
  deliver(view, { ...none, ...objects });
  return view;
}

export function namespace(name: string, labels: Record<string, string> = {}): Namespace {
  const all = { "kubernetes.io/metadata.name": name, ...labels };
  return { metadata: { name, uid: `uid-${name}`, labels: all }, status: { phase: "Active" } };
}

/** A policy that isolates the egress of all pods and opens nothing, unless the spec says otherwise. */
export function policy(inNamespace: string, name: string, spec: NetworkPolicy["spec"] = {}): NetworkPolicy {
  return {
    metadata: { namespace: inNamespace, name, uid: `uid-${name}` },
    spec: { podSelector: {}, policyTypes: ["Egress"], ...spec },
  };
}

export function pod(
  inNamespace: string,
  name: string,
  labels: Record<string, string> = {},
  rest: Partial<Pod> = {},
): Pod {
  return {
    metadata: { namespace: inNamespace, name, labels },
    spec: { containers: [{ name: "main", ports: [{ name: "http", containerPort: 8080 }] }] },
    status: { phase: "Running" },
    ...rest,
  };
}

/** Metadata that name a controlling owner: `Deployment/web`, or `StatefulSet.apps.kruise.io/web` of another API group. */
export function ownedBy(owner: string): Pick<ObjectMeta, "ownerReferences"> {
  const [typed = "", name = ""] = owner.split("/");
  const [kind = "", ...group] = typed.split(".");
  const groups: Readonly<Record<string, string>> = { Job: "batch", CronJob: "batch", Rollout: "argoproj.io" };
  const apiVersion = `${group.length > 0 ? group.join(".") : (groups[kind] ?? "apps")}/v1`;
  return { ownerReferences: [{ apiVersion, kind, name, uid: "u", controller: true }] };
}

/** Deployment, StatefulSet, DaemonSet, ReplicaSet or Job; `owner` as `Deployment/web`. */
export function workload(
  inNamespace: string,
  name: string,
  labels: Record<string, string>,
  { owner, ...rest }: Partial<Workload> & { owner?: string } = {},
): Workload {
  return {
    metadata: { namespace: inNamespace, name, ...(owner !== undefined && ownedBy(owner)) },
    spec: { template: { metadata: { labels }, spec: { containers: [] } } },
    ...rest,
  };
}

export function cronJob(inNamespace: string, name: string, labels: Record<string, string>): CronJob {
  const template = { metadata: { labels }, spec: { containers: [] } };
  return { metadata: { namespace: inNamespace, name }, spec: { jobTemplate: { spec: { template } } } };
}

/** A Service of the pods `app=<name>` that sends port 80 to their 8080. */
export function service(inNamespace: string, name: string): Service {
  return {
    metadata: { namespace: inNamespace, name },
    spec: {
      clusterIP: "10.96.7.7",
      selector: { app: name },
      ports: [{ protocol: "TCP", port: 80, targetPort: 8080 }],
    },
  };
}

/** The Service default/kubernetes, another Service beside it, and the endpoint of the API server. */
export function apiServer(address = "192.168.7.10") {
  const of = { namespace: "default", labels: { "kubernetes.io/service-name": "kubernetes" } };
  const other = { namespace: "default", labels: { "kubernetes.io/service-name": "web" } };
  const ports = [{ port: 6443, protocol: "TCP" }];
  return {
    "services/default": [
      { metadata: { name: "kubernetes", namespace: "default" }, spec: { clusterIP: "10.96.0.1" } },
      { metadata: { name: "web", namespace: "default" }, spec: { clusterIP: "10.96.0.2" } },
    ],
    "endpointslices/default": [
      { metadata: { ...of, name: "kubernetes" }, endpoints: [{ addresses: [address] }], ports },
      { metadata: { ...other, name: "web-1" }, endpoints: [{ addresses: ["10.244.0.9"] }], ports },
    ],
  };
}

/** The Service kube-dns and its EndpointSlice. */
export function kubeDns(): Record<
  "services/kube-system" | "endpointslices/kube-system",
  { metadata: object }[]
> {
  const metadata = { namespace: "kube-system", name: "kube-dns", labels: { "k8s-app": "kube-dns" } };
  const port = { name: "dns", protocol: "UDP", port: 53 };
  return {
    "services/kube-system": [
      {
        metadata,
        spec: { clusterIP: "10.96.0.10", selector: { "k8s-app": "kube-dns" }, ports: [port] },
      } as never,
    ],
    "endpointslices/kube-system": [
      {
        metadata: {
          namespace: "kube-system",
          name: "kube-dns-x",
          labels: { "kubernetes.io/service-name": "kube-dns" },
        },
        endpoints: [{ addresses: ["10.0.0.2"], targetRef: { kind: "Pod", name: "coredns" } }],
        ports: [port],
      } as never,
    ],
  };
}
