import { isLabelledAsCompanion, isNamedAsCompanion, namespaceUidAnnotation } from "../intent/companion.ts";
import { specDigest } from "../intent/spec-digest.ts";
import type { NetworkPolicy } from "../wire/network-policy.ts";
import { Kind } from "./kind.ts";

/** What is kept of a stored policy that has the name of a companion. */
export interface StandingPolicy {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Whether it carries the label of Ringfence's own policies. */
  readonly labelled: boolean;
  /** The UID of the namespace that it was written for, as it says itself. */
  readonly namespaceUid: string | undefined;
  readonly terminating: boolean;
  /** Whether the pods that it selects are isolated for egress. */
  readonly isolatesEgress: boolean;
  readonly specDigest: string;
}

/** Told of each that came, changed or went (undefined). */
export type CompanionChanged = (namespace: string, name: string, after: StandingPolicy | undefined) => void;

/** The stored policies that have the name of a companion, Ringfence's own or not; all others are not kept. */
export class CompanionIndex extends Kind<NetworkPolicy, StandingPolicy> {
  constructor(changed?: CompanionChanged) {
    super({
      read: (policy) => (isNamedAsCompanion(policy.metadata) ? standingPolicy(policy) : undefined),
      changed: (namespace, name, _before, after) => changed?.(namespace, name, after),
      settled: () => undefined,
    });
  }
}

/** What is to be known of a stored policy before it is written again. */
export function standingPolicy({ metadata, spec }: NetworkPolicy): StandingPolicy {
  const annotations: Readonly<Record<string, string>> = metadata.annotations ?? {};
  return {
    name: metadata.name ?? "",
    uid: metadata.uid ?? "",
    resourceVersion: metadata.resourceVersion ?? "",
    labelled: isLabelledAsCompanion(metadata),
    namespaceUid: Object.hasOwn(annotations, namespaceUidAnnotation)
      ? annotations[namespaceUidAnnotation]
      : undefined,
    terminating: metadata.deletionTimestamp !== undefined,
    isolatesEgress: spec?.policyTypes?.includes("Egress") === true,
    specDigest: specDigest(spec),
  };
}
