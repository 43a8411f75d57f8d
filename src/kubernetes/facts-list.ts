/**
 * The objects that are read by name, as `namespace/name`. A further one needs a line here and, where RBAC does not
 * permit it yet, one in deploy/kustomize/rbac.yaml.
 */
export const namedObjects = {
  configMaps: [
    "kube-system/cilium-config",
    "cilium/cilium-config",
    "kube-system/amazon-vpc-cni",
    "kube-system/kubelet-config",
  ],
  deployments: [
    "kube-system/antrea-controller",
    "kube-system/calico-kube-controllers",
    "calico-system/calico-kube-controllers",
  ],
  /** With their EndpointSlices. */
  services: ["kube-system/kube-dns", "default/kubernetes"],
} as const satisfies Readonly<Record<string, readonly `${string}/${string}`[]>>;

/** Nodes in the sample: enough to see the platform, few enough for a cluster of thousands. */
export const sampledNodes = 20;

/** Beyond so many DaemonSets the list is given up as unknown. */
export const mostDaemonSets = 2_000;

/** Beginnings of the Node annotations that are kept. */
export const nodeAnnotations: readonly string[] = [
  "flannel.alpha.coreos.com/",
  "io.cilium.network",
  "k3s.io/node-args",
  "k8s.ovn.org/",
  "network.cilium.io/",
  "projectcalico.org/",
  "rke2.io/node-args",
];
