// The explicit list of purposes, in the order in which their policies are written: DNS before anything closes.
import type { Purpose } from "../purpose.ts";
import { connections } from "./connections.ts";
import { defaultDeny } from "./default-deny.ts";
import { dns } from "./dns.ts";
import { egressCidrs } from "./egress-cidrs.ts";
import { egressNamespaces } from "./egress-namespaces.ts";
import { egressProxy } from "./egress-proxy.ts";
import { ingressCidrs } from "./ingress-cidrs.ts";
import { ingressControllers } from "./ingress-controllers.ts";
import { ingressNamespaces } from "./ingress-namespaces.ts";
import { intraNamespace } from "./intra-namespace.ts";
import { kubeAPI } from "./kube-api.ts";
import { monitoring } from "./monitoring.ts";
import { tenant } from "./tenant.ts";

export const purposes: readonly Purpose[] = [
  dns,
  defaultDeny,
  intraNamespace,
  tenant,
  ingressControllers,
  monitoring,
  ingressNamespaces,
  ingressCidrs,
  egressNamespaces,
  egressCidrs,
  egressProxy,
  kubeAPI,
  connections,
];
