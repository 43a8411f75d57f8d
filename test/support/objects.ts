import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import type { ObjectMeta } from "#src/wire/meta.ts";
import type { Namespace } from "#src/wire/namespace.ts";
import type { NetworkPolicy } from "#src/wire/network-policy.ts";

/** An object of Kubernetes as it stands in a manifest. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** The documents of a YAML file; throws where one of them cannot be read or is no object of Kubernetes. */
export function readObjects(path: string | URL): KubernetesObject[] {
  return parseObjects(readFileSync(path, "utf8"), String(path));
}

/** The documents of a YAML text. */
export function parseObjects(text: string, name: string): KubernetesObject[] {
  const documents = parseAllDocuments(text);
  if ("empty" in documents) return [];
  return documents.map((document) => {
    const [fault] = document.errors;
    if (fault !== undefined) throw new Error(`${name}: ${fault.message}`);
    const object: unknown = document.toJS();
    if (!isKubernetesObject(object)) throw new Error(`${name}: a document has no kind or no metadata`);
    return object;
  });
}

function isKubernetesObject(value: unknown): value is KubernetesObject {
  return typeof value === "object" && value !== null && "kind" in value && "metadata" in value;
}

export function isPolicy(object: KubernetesObject): object is KubernetesObject & NetworkPolicy {
  return object.kind === "NetworkPolicy";
}

export function isNamespace(object: KubernetesObject): object is KubernetesObject & Namespace {
  return object.kind === "Namespace";
}

/**
 * The object as kube-apiserver hands it to admission: defaulted and encoded anew by Go (SetDefaults_NetworkPolicy,
 * SetDefaults_NetworkPolicyPort, SetDefaults_Namespace; empty lists and maps vanish by omitempty, but those behind
 * pointers, as a peer's selector).
 */
export function asSent(object: KubernetesObject): KubernetesObject {
  if (isPolicy(object)) return { ...object, ...defaultedPolicy(object) };
  if (!isNamespace(object)) return object;
  const { name = "" } = object.metadata;
  const labels = { ...object.metadata.labels, "kubernetes.io/metadata.name": name };
  return { ...object, metadata: { uid: `uid-${name}`, ...object.metadata, labels } };
}

function defaultedPolicy({ metadata, spec = {} }: NetworkPolicy): Pick<NetworkPolicy, "metadata" | "spec"> {
  const types = spec.policyTypes ?? [];
  const implied = (spec.egress ?? []).length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
  const filled = {
    ...spec,
    podSelector: spec.podSelector ?? {},
    policyTypes: types.length > 0 ? types : implied,
    ingress: spec.ingress?.map((rule) => ({ ...rule, ports: rule.ports?.map(withProtocol) })),
    egress: spec.egress?.map((rule) => ({ ...rule, ports: rule.ports?.map(withProtocol) })),
  };
  // The round trip leaves out what is undefined.
  const sent = JSON.parse(JSON.stringify(filled, omitEmpty)) as NonNullable<NetworkPolicy["spec"]>;
  return { metadata, spec: sent };
}

function withProtocol<P extends { protocol?: string }>(port: P): P {
  return { ...port, protocol: port.protocol ?? "TCP" };
}

function omitEmpty(key: string, value: unknown): unknown {
  if (Array.isArray(value) && value.length === 0) return undefined;
  const isEmptyMap = key === "matchLabels" && Object.keys(value as object).length === 0;
  return isEmptyMap ? undefined : value;
}
