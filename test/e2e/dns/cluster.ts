// Other DNS than the control plane's own kube-dns: objects as platforms leave them, written by the admin.
import type { ApiClient } from "../../control-plane/api-client.ts";
import { createRunningPod } from "../../control-plane/pods.ts";
import { until } from "../../control-plane/wait.ts";

/** OpenShift's: namespace openshift-dns, the Service dns-default on 53, a pod that listens on 5353. */
export async function createOpenshiftDns(admin: ApiClient): Promise<void> {
  const namespace = "openshift-dns";
  const labels = { "dns.operator.openshift.io/daemonset-dns": "default" };
  await admin.expect("POST", "/api/v1/namespaces", { body: { metadata: { name: namespace } } });
  const ports = [
    { name: "dns", port: 53, protocol: "UDP", targetPort: "dns" },
    { name: "dns-tcp", port: 53, protocol: "TCP", targetPort: "dns-tcp" },
  ];
  await admin.expect("POST", `/api/v1/namespaces/${namespace}/services`, {
    body: { metadata: { name: "dns-default" }, spec: { clusterIP: "10.96.0.53", selector: labels, ports } },
  });
  await createRunningPod(admin, {
    namespace,
    name: "dns-default-9xz4k",
    labels,
    ip: "10.244.0.53",
    ports: [
      { name: "dns", containerPort: 5353, protocol: "UDP" },
      { name: "dns-tcp", containerPort: 5353, protocol: "TCP" },
    ],
    spec: { dnsPolicy: "Default" },
  });
  const slices = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  await until("the EndpointSlice of dns-default", async () => {
    const { items } = (await admin.expect("GET", slices)) as { items: { endpoints?: unknown[] | null }[] };
    return items.some(({ endpoints }) => (endpoints ?? []).length > 0);
  });
}

/** NodeLocal DNSCache as where kube-proxy uses iptables: it answers at its own address and at that of kube-dns. */
export async function createNodeLocalDns(admin: ApiClient, clusterIP: string): Promise<void> {
  const labels = { "k8s-app": "node-local-dns" };
  const container = {
    name: "node-cache",
    image: "registry.k8s.io/dns/k8s-dns-node-cache:1.26.4",
    args: [
      "-localip",
      `169.254.20.10,${clusterIP}`,
      "-conf",
      "/etc/Corefile",
      "-upstreamsvc",
      "kube-dns-upstream",
    ],
  };
  const template = {
    metadata: { labels },
    spec: { hostNetwork: true, dnsPolicy: "Default", containers: [container] },
  };
  await admin.expect("POST", "/apis/apps/v1/namespaces/kube-system/daemonsets", {
    body: {
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { name: "node-local-dns" },
      spec: { selector: { matchLabels: labels }, template },
    },
  });
}
