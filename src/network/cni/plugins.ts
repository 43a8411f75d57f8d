// The explicit list of plugins, in the order in which they are told.
import { antrea } from "./antrea.ts";
import { awsVpcCni, eksAutoMode } from "./aws.ts";
import { azureCni, azureNpm } from "./azure.ts";
import { calico, canal } from "./calico.ts";
import { cilium } from "./cilium.ts";
import { flannel } from "./flannel.ts";
import { gke, gkeDataplaneV2 } from "./gke.ts";
import { k3s } from "./k3s.ts";
import { kindnet } from "./kindnet.ts";
import { kubeNetworkPolicies } from "./kube-network-policies.ts";
import { kubeRouter } from "./kube-router.ts";
import { virtualNodes, windowsNodes } from "./nodes.ts";
import { openShiftSdn, ovnKubernetes } from "./openshift.ts";
import { multus, unjudgedAgents, unseenEngines } from "./others.ts";
import type { Plugin } from "./plugin.ts";
import { weaveNet } from "./weave-net.ts";

export const plugins: readonly Plugin[] = [
  calico,
  canal,
  cilium,
  gkeDataplaneV2,
  awsVpcCni,
  eksAutoMode,
  azureNpm,
  k3s,
  kubeRouter,
  kubeNetworkPolicies,
  kindnet,
  antrea,
  ovnKubernetes,
  openShiftSdn,
  weaveNet,
  flannel,
  gke,
  azureCni,
  virtualNodes,
  windowsNodes,
  multus,
  unjudgedAgents,
  unseenEngines,
];
