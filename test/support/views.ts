import type { ClusterView } from "#src/model/cluster-view.ts";
import { nothingDue } from "#src/view/due-companions.ts";

/** A view that knows nothing: what rules see before anything has been read. */
export const knowsNothing: ClusterView = {
  namespaces: undefined,
  policies: () => undefined,
  workloads: () => undefined,
  services: () => undefined,
  routes: () => undefined,
  backends: () => undefined,
  dns: { known: false, evidence: "nothing has been read", signs: [], unread: [] },
  addresses: undefined,
  apiServer: undefined,
  cni: undefined,
  metadata: { workloadIdentity: undefined, gke: false, evidence: "nothing has been read" },
  brokenRules: () => undefined,
  unmodelledPolicies: () => [],
  namespacePeers: undefined,
  companionsFor: () => nothingDue,
  intentOf: () => ({ source: "none" }),
  dueCompanions: () => [],
};
