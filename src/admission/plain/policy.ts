import { isReadAnnotation, isReadLabel } from "../../model/policy-metadata.ts";
import type { LabelSelector, LabelSelectorRequirement, ObjectMeta, OwnerReference } from "../../wire/meta.ts";
import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from "../../wire/network-policy.ts";
import type { PlainJson } from "./json.ts";

/**
 * A networking.k8s.io/v1 NetworkPolicy. Passed over is what nothing here reads, as metadata.managedFields and
 * most labels and annotations; but of the spec everything must be known, lest two that differ look the same.
 */
export function readPlainPolicy(json: PlainJson): NetworkPolicy {
  const policy: Partial<NetworkPolicy> = {};
  json.openObject();
  while (json.hasMember()) {
    if (json.takesKey("kind")) policy.kind = json.text();
    else if (json.takesKey("apiVersion")) policy.apiVersion = json.text();
    else if (json.takesKey("metadata")) policy.metadata = readMeta(json);
    else if (json.takesKey("spec")) policy.spec = readSpec(json);
    else json.skipMember();
  }
  return hasMetadata(policy) ? policy : json.giveUp();
}

function hasMetadata(policy: Partial<NetworkPolicy>): policy is NetworkPolicy {
  return policy.metadata !== undefined;
}

function readMeta(json: PlainJson): ObjectMeta {
  const meta: ObjectMeta = {};
  json.openObject();
  while (json.hasMember()) {
    if (json.takesKey("name")) meta.name = json.ownText();
    else if (json.takesKey("generateName")) meta.generateName = json.ownText();
    else if (json.takesKey("namespace")) meta.namespace = json.ownText();
    else if (json.takesKey("uid")) json.skipText();
    else if (json.takesKey("resourceVersion")) meta.resourceVersion = json.text();
    else if (json.takesKey("labels")) meta.labels = json.textMap(isReadLabel);
    else if (json.takesKey("annotations")) meta.annotations = json.textMap(isReadAnnotation);
    else if (json.takesKey("deletionTimestamp")) meta.deletionTimestamp = json.text();
    else if (json.takesKey("finalizers")) meta.finalizers = json.texts();
    else if (json.takesKey("ownerReferences")) meta.ownerReferences = json.list(readOwner);
    else json.skipMember();
  }
  return meta;
}

function readOwner(json: PlainJson): OwnerReference {
  const owner: Partial<OwnerReference> = {};
  json.openObject();
  while (json.hasMember()) {
    if (json.takesKey("apiVersion")) owner.apiVersion = json.text();
    else if (json.takesKey("kind")) owner.kind = json.text();
    else if (json.takesKey("name")) owner.name = json.text();
    else if (json.takesKey("uid")) owner.uid = json.text();
    else if (json.takesKey("controller")) owner.controller = json.boolean();
    else json.skipMember();
  }
  // The other reader does not ask for them either.
  return owner as OwnerReference;
}

function readSpec(json: PlainJson): NetworkPolicySpec {
  const spec: NetworkPolicySpec = {};
  json.openObject();
  while (json.hasMember()) {
    if (json.takesKey("podSelector")) spec.podSelector = readSelector(json);
    else if (json.takesKey("ingress")) spec.ingress = json.list(readRule);
    else if (json.takesKey("egress")) spec.egress = json.list(readRule);
    else if (json.takesKey("policyTypes")) spec.policyTypes = json.texts();
    else json.giveUp();
  }
  return spec;
}

/** Of either direction: one with the peers of the other is looked at no closer by the other reader either. */
interface Rule {
  from?: NetworkPolicyPeer[];
  to?: NetworkPolicyPeer[];
  ports?: NetworkPolicyPort[];
}

function readRule(json: PlainJson): Rule {
  const rule: Rule = {};
  json.openObject();
  while (json.hasMember()) {
    if (json.takesKey("ports")) rule.ports = json.list(readPort);
    else if (json.takesKey("to")) rule.to = json.list(readPeer);
    else if (json.takesKey("from")) rule.from = json.list(readPeer);
    else json.giveUp();
  }
  return rule;
}

function readPeer(json: PlainJson): NetworkPolicyPeer {
  const peer: NetworkPolicyPeer = {};
  json.openObject();
  while (json.hasMember()) {
    if (json.takesKey("ipBlock")) peer.ipBlock = readIPBlock(json);
    else if (json.takesKey("podSelector")) peer.podSelector = readSelector(json);
    else if (json.takesKey("namespaceSelector")) peer.namespaceSelector = readSelector(json);
    else json.giveUp();
  }
  return peer;
}

function readIPBlock(json: PlainJson): IPBlock {
  const block: Partial<IPBlock> = {};
  json.openObject();
  while (json.hasMember()) {
    if (json.takesKey("cidr")) block.cidr = json.text();
    else if (json.takesKey("except")) block.except = json.texts();
    else json.giveUp();
  }
  return hasCidr(block) ? block : json.giveUp();
}

function hasCidr(block: Partial<IPBlock>): block is IPBlock {
  return block.cidr !== undefined;
}

function readPort(json: PlainJson): NetworkPolicyPort {
  const port: NetworkPolicyPort = {};
  json.openObject();
  while (json.hasMember()) {
    if (json.takesKey("protocol")) port.protocol = json.text();
    else if (json.takesKey("port")) port.port = json.isText() ? json.text() : json.integer();
    else if (json.takesKey("endPort")) port.endPort = json.integer();
    else json.giveUp();
  }
  return port;
}

function readSelector(json: PlainJson): LabelSelector {
  const selector: LabelSelector = {};
  json.openObject();
  while (json.hasMember()) {
    if (json.takesKey("matchLabels")) selector.matchLabels = json.textMap();
    else if (json.takesKey("matchExpressions")) selector.matchExpressions = json.list(readRequirement);
    else json.giveUp();
  }
  return selector;
}

function readRequirement(json: PlainJson): LabelSelectorRequirement {
  const requirement: Partial<LabelSelectorRequirement> = {};
  json.openObject();
  while (json.hasMember()) {
    if (json.takesKey("key")) requirement.key = json.text();
    else if (json.takesKey("operator")) requirement.operator = json.text();
    else if (json.takesKey("values")) requirement.values = json.texts();
    else json.giveUp();
  }
  return isComplete(requirement) ? requirement : json.giveUp();
}

function isComplete(requirement: Partial<LabelSelectorRequirement>): requirement is LabelSelectorRequirement {
  return requirement.key !== undefined && requirement.operator !== undefined;
}
