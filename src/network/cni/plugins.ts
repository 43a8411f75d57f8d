// The explicit list of plugins, in the order in which they are told.
import { antrea } from "./antrea.ts";
import { awsVpcCni } from "./aws-vpc-cni.ts";
import { azureCni } from "./azure-cni.ts";
import { azureNpm } from "./azure-npm.ts";
import { calico } from "./calico.ts";
import { canal } from "./canal.ts";
import { cilium } from "./cilium.ts";
import { eksAutoMode } from "./eks-auto-mode.ts";
import { flannel } from "./flannel.ts";
import { gkeDataplaneV2 } from "./gke-dataplane-v2.ts";
import { gke } from "./gke.ts";
import { k3s } from "./k3s.ts";
import { kindnet } from "./kindnet.ts";
import { kubeNetworkPolicies } from "./kube-network-policies.ts";
import { kubeRouter } from "./kube-router.ts";
import { multus } from "./multus.ts";
import { openShiftSdn } from "./openshift-sdn.ts";
import { ovnKubernetes } from "./ovn-kubernetes.ts";
import type { Plugin } from "./plugin.ts";
import { unjudgedAgents } from "./unjudged.ts";
import { unseenEngines } from "./unseen.ts";
import { virtualNodes } from "./virtual-nodes.ts";
import { weaveNet } from "./weave-net.ts";
import { windowsNodes } from "./windows-nodes.ts";

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
