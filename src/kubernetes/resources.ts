/** Where the kinds that Ringfence follows or reads are listed and watched. */
const resourcePaths = {
  namespaces: "/api/v1/namespaces",
  networkpolicies: "/apis/networking.k8s.io/v1/networkpolicies",
  pods: "/api/v1/pods",
  deployments: "/apis/apps/v1/deployments",
  statefulsets: "/apis/apps/v1/statefulsets",
  daemonsets: "/apis/apps/v1/daemonsets",
  replicasets: "/apis/apps/v1/replicasets",
  jobs: "/apis/batch/v1/jobs",
  cronjobs: "/apis/batch/v1/cronjobs",
  services: "/api/v1/services",
  ingresses: "/apis/networking.k8s.io/v1/ingresses",
  validatingwebhookconfigurations: "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
  mutatingwebhookconfigurations: "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
  apiservices: "/apis/apiregistration.k8s.io/v1/apiservices",
  endpointslices: "/apis/discovery.k8s.io/v1/endpointslices",
  configmaps: "/api/v1/configmaps",
  nodes: "/api/v1/nodes",
  servicecidrs: "/apis/networking.k8s.io/v1/servicecidrs",
} as const;

export type ResourceName = keyof typeof resourcePaths;

/** The path of a kind, or of the part of it that stands in one namespace. */
export function resourcePath(name: ResourceName, namespace?: string): string {
  const path = resourcePaths[name];
  if (namespace === undefined) return path;
  const cut = path.lastIndexOf("/");
  return `${path.slice(0, cut)}/namespaces/${encodeURIComponent(namespace)}${path.slice(cut)}`;
}

/** With its group, as `kubectl auth can-i` takes it: `deployments.apps`, `nodes`. */
export function fullName(name: ResourceName): string {
  const [, group] = /^\/apis\/([^/]+)\//.exec(resourcePaths[name]) ?? [];
  return group === undefined ? name : `${name}.${group}`;
}
