import { clusterAddresses } from "#src/network/cluster-addresses.ts";
import type { CniVerdict } from "#src/network/cni-verdict.ts";
import { httpRouteKind } from "#src/network/routes.ts";
import type { Interner } from "#src/network/interner.ts";
import { configuredApiServer } from "#src/view/configured-api-server.ts";
import { configuredResolvers } from "#src/view/configured-dns.ts";
import type { Settings } from "#src/model/settings.ts";
import { followedKinds, type FollowedKind } from "#src/view/followed-kinds.ts";
import { createLiveView, type LiveView } from "#src/view/live-view.ts";
import { factKinds, factsOf } from "./facts.ts";
import { asSent, type KubernetesObject } from "./objects.ts";

const resources: Readonly<Record<string, string>> = {
  Namespace: "namespaces",
  NetworkPolicy: "networkpolicies",
  Pod: "pods",
  Deployment: "deployments",
  StatefulSet: "statefulsets",
  DaemonSet: "daemonsets",
  ReplicaSet: "replicasets",
  Job: "jobs",
  CronJob: "cronjobs",
  Service: "services",
  Ingress: "ingresses",
  ValidatingWebhookConfiguration: "validatingwebhookconfigurations",
  MutatingWebhookConfiguration: "mutatingwebhookconfigurations",
  APIService: "apiservices",
  EndpointSlice: "endpointslices",
};

/** Begins the kinds that the cluster may serve or not, as the followers do after their first look. */
function deliverRoutes(view: LiveView, objects: readonly KubernetesObject[]): void {
  const routes = objects.filter(({ kind }) => kind === httpRouteKind.kind);
  if (routes.length === 0) return;
  const handler = view.routeIndex.follow();
  handler.replaceBegin();
  for (const route of routes) handler.upsert(route);
  handler.replaceDone();
}

/** Puts an object into the view, as the reflectors do that see it come. */
export function deliver(view: LiveView, object: KubernetesObject): void {
  const resource = Object.hasOwn(resources, object.kind) ? resources[object.kind] : undefined;
  if (resource === undefined) throw new Error(`the view follows no ${object.kind}`);
  const inNamespace = `${resource}/${object.metadata.namespace ?? ""}`;
  const following: readonly FollowedKind[] = followedKinds.filter(
    (kind) => kind === resource || kind === inNamespace,
  );
  for (const kind of following) view.handlers[kind].upsert(asSent(object));
}

/** The live view of a cluster that holds these objects and no others; a later object replaces one of its name. */
export function viewFromObjects(
  objects: readonly KubernetesObject[],
  {
    interner,
    settings,
    cni,
  }: {
    readonly interner: Interner;
    readonly settings: Settings;
    readonly cni?: CniVerdict | undefined;
  },
): LiveView {
  const facts = factsOf(objects);
  const addresses = clusterAddresses(facts, settings.clusterAddresses);
  const view: LiveView = createLiveView({
    interner,
    facts: () => facts,
    cni: () => cni,
    addresses: () => addresses,
    settings: () => settings,
    apiServer: () => configuredApiServer(settings.apiServer),
    resolvers: () => configuredResolvers(settings.dns, view.namespaces),
  });
  for (const kind of followedKinds) view.handlers[kind].replaceBegin();
  for (const object of objects)
    if (!factKinds.has(object.kind) && object.kind !== httpRouteKind.kind) deliver(view, object);
  for (const kind of followedKinds) view.handlers[kind].replaceDone();
  deliverRoutes(view, objects);
  return view;
}
