// The ConfigMap of the Amazon VPC CNI, which switches the controller of policies in EKS's control plane.

import type { Fact } from "../../wire/cluster-facts.ts";
import type { Evidence } from "../evidence.ts";
import type { Surroundings } from "./plugin.ts";

/** `namespace/name` of the ConfigMap. */
export const awsConfigMap = "kube-system/amazon-vpc-cni";
/** Its key. */
export const controllerKey = "enable-network-policy-controller";

type ConfigMapFact = Fact<ReadonlyMap<string, string>> | undefined;

/** The ConfigMap as it was read. */
export function awsConfig({ facts }: Surroundings): ConfigMapFact {
  return facts.configMaps.get(awsConfigMap);
}

/** The value of the switch; undefined where it is not set, or nothing was read. */
export function controllerSwitch(fact: ConfigMapFact): string | undefined {
  return fact?.state === "read" ? fact.value.get(controllerKey) : undefined;
}

/** An evidence from the switch. */
export function onAwsConfig(says: string): Evidence {
  return { object: `ConfigMap ${awsConfigMap}`, field: `data[${controllerKey}]`, says };
}

/** The mode that is set unless configured otherwise. */
export const standardMode =
  "A new pod may be reached and reach everything until its policies are in place (standard mode; strict closes it first).";
