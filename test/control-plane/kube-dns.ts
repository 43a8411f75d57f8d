import type { ApiClient } from "./api-client.ts";
import { createRunningPod, nodeName } from "./pods.ts";
import { until } from "./wait.ts";

const pods = [
  { name: "coredns-76f75df574-k4m2x", ip: "10.244.0.2" },
  { name: "coredns-76f75df574-zq9bd", ip: "10.244.0.3" },
] as const;

const node = {
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: nodeName, labels: { "kubernetes.io/hostname": nodeName } },
};

const service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: {
    name: "kube-dns",
    namespace: "kube-system",
    labels: {
      "k8s-app": "kube-dns",
      "kubernetes.io/cluster-service": "true",
      "kubernetes.io/name": "CoreDNS",
    },
  },
  spec: {
    clusterIP: "10.96.0.10",
    selector: { "k8s-app": "kube-dns" },
    ports: [
      { name: "dns", port: 53, protocol: "UDP", targetPort: 53 },
      { name: "dns-tcp", port: 53, protocol: "TCP", targetPort: 53 },
      { name: "metrics", port: 9153, protocol: "TCP", targetPort: 9153 },
    ],
  },
};

/**
 * The cluster DNS as kubeadm leaves it: Service kube-dns and its two pods on a node. There is no kubelet, so the
 * pods' addresses and readiness are written here; the EndpointSlice is made by its controller, and awaited.
 */
export async function createKubeDns(admin: ApiClient): Promise<void> {
  await admin.expect("POST", "/api/v1/nodes", { body: node });
  await admin.expect("POST", "/api/v1/namespaces/kube-system/services", { body: service });
  await Promise.all(
    pods.map(({ name, ip }) =>
      createRunningPod(admin, {
        namespace: "kube-system",
        name,
        labels: { "k8s-app": "kube-dns" },
        ip,
        image: "registry.k8s.io/coredns/coredns:v1.13.1",
        ports: [
          { name: "dns", containerPort: 53, protocol: "UDP" },
          { name: "dns-tcp", containerPort: 53, protocol: "TCP" },
          { name: "metrics", containerPort: 9153, protocol: "TCP" },
        ],
        spec: { dnsPolicy: "Default" },
      }),
    ),
  );
  await until("the EndpointSlice of kube-dns to hold both pods", () => bothReady(admin));
}

interface Slices {
  readonly items: readonly {
    readonly endpoints?:
      | readonly {
          readonly addresses: readonly string[];
          readonly conditions?: { readonly ready?: boolean };
        }[]
      | null;
  }[];
}

async function bothReady(admin: ApiClient): Promise<boolean> {
  const path =
    "/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices?labelSelector=kubernetes.io/service-name%3Dkube-dns";
  const { items } = (await admin.expect("GET", path)) as Slices;
  const ready = items
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready === true)
    .flatMap(({ addresses }) => addresses);
  return pods.every(({ ip }) => ready.includes(ip));
}
