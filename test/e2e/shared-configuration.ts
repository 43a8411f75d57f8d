import { defaultConfiguration } from "../control-plane/ringfence.ts";

/** The configuration of the Ringfence that judges every namespace and writes the companions: whom intents may mean. */
export const sharedConfiguration = `${defaultConfiguration}protectedNamespaceLabels: [example.com/customer]
ingressControllers: [{ namespace: ingress-nginx, pods: { app.kubernetes.io/name: ingress-nginx } }]
intents:
  prometheus: [{ namespace: monitoring, pods: { app.kubernetes.io/name: prometheus } }]
  egressProxy: { pods: [{ namespace: proxy, pods: { app: squid } }], ports: [3128/TCP] }
`;
