/**
 * Whether parsed JSON has the shape of the object it is said to be, as far as Ringfence reads it. kube-apiserver sends
 * what its own types were marshalled to, so a fault means that somebody else is asking; after these checks the wire
 * types can be trusted.
 *
 * This runs over every peer and port of what `plain` does not read: fields are read by names that stand here, which
 * costs a tenth of reading them by names out of a table, and a path is put together only where there is a fault.
 */

export type Json = Record<string, unknown>;

/** A JSON object: not null, not an array. */
export function isJsonObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Says what is wrong with a value, beginning with the path inside it (".spec.ingress[0] is no object"); undefined
 * where nothing is.
 */
export type Check = (value: unknown) => string | undefined;

/** Fields by name, nothing known of their values. */
type Fields<Name extends string> = { [name in Name]?: unknown };

const noObject = " is no object";

/** Why the value is no networking.k8s.io/v1 NetworkPolicy; undefined where it is one. */
export function policyFault(value: unknown): string | undefined {
  if (!isJsonObject(value)) return noObject;
  const policy: Fields<"metadata" | "spec"> = value;
  return required("metadata", policy.metadata, metaFault) ?? optional(policy, "spec", policy.spec, specFault);
}

/** Why the value is no v1 Namespace; undefined where it is one. */
export function namespaceFault(value: unknown): string | undefined {
  if (!isJsonObject(value)) return noObject;
  const namespace: Fields<"metadata" | "spec" | "status"> = value;
  return (
    required("metadata", namespace.metadata, metaFault) ??
    optional(namespace, "spec", namespace.spec, namespaceSpecFault) ??
    optional(namespace, "status", namespace.status, namespaceStatusFault)
  );
}

function namespaceSpecFault(value: unknown): string | undefined {
  if (!isJsonObject(value)) return noObject;
  const spec: Fields<"finalizers"> = value;
  return optional(spec, "finalizers", spec.finalizers, textsFault);
}

function namespaceStatusFault(value: unknown): string | undefined {
  if (!isJsonObject(value)) return noObject;
  const status: Fields<"phase"> = value;
  return optional(status, "phase", status.phase, textFault);
}

type MetaField =
  | "name"
  | "generateName"
  | "namespace"
  | "uid"
  | "labels"
  | "annotations"
  | "deletionTimestamp"
  | "finalizers"
  | "ownerReferences";

function metaFault(value: unknown): string | undefined {
  if (!isJsonObject(value)) return noObject;
  const meta: Fields<MetaField> = value;
  return (
    optional(meta, "name", meta.name, textFault) ??
    optional(meta, "generateName", meta.generateName, textFault) ??
    optional(meta, "namespace", meta.namespace, textFault) ??
    optional(meta, "uid", meta.uid, textFault) ??
    optional(meta, "labels", meta.labels, textMapFault) ??
    optional(meta, "annotations", meta.annotations, textMapFault) ??
    optional(meta, "deletionTimestamp", meta.deletionTimestamp, textFault) ??
    optional(meta, "finalizers", meta.finalizers, textsFault) ??
    optional(meta, "ownerReferences", meta.ownerReferences, ownersFault)
  );
}

function ownersFault(value: unknown): string | undefined {
  return listFault(value, ownerFault);
}

function ownerFault(value: unknown): string | undefined {
  if (!isJsonObject(value)) return noObject;
  const owner: Fields<"apiVersion" | "kind" | "name" | "uid"> = value;
  return (
    optional(owner, "apiVersion", owner.apiVersion, textFault) ??
    optional(owner, "kind", owner.kind, textFault) ??
    optional(owner, "name", owner.name, textFault) ??
    optional(owner, "uid", owner.uid, textFault)
  );
}

function specFault(value: unknown): string | undefined {
  if (!isJsonObject(value)) return noObject;
  const spec: Fields<"podSelector" | "policyTypes" | "ingress" | "egress"> = value;
  return (
    optional(spec, "podSelector", spec.podSelector, selectorFault) ??
    optional(spec, "policyTypes", spec.policyTypes, textsFault) ??
    optional(spec, "ingress", spec.ingress, rulesFault) ??
    optional(spec, "egress", spec.egress, rulesFault)
  );
}

function rulesFault(value: unknown): string | undefined {
  return listFault(value, ruleFault);
}

function ruleFault(value: unknown): string | undefined {
  if (!isJsonObject(value)) return noObject;
  // Both directions at once: an ingress rule with a `to` is no API server's either.
  const rule: Fields<"from" | "to" | "ports"> = value;
  return (
    optional(rule, "from", rule.from, peersFault) ??
    optional(rule, "to", rule.to, peersFault) ??
    optional(rule, "ports", rule.ports, portsFault)
  );
}

function peersFault(value: unknown): string | undefined {
  return listFault(value, peerFault);
}

function peerFault(value: unknown): string | undefined {
  if (!isJsonObject(value)) return noObject;
  const peer: Fields<"podSelector" | "namespaceSelector" | "ipBlock"> = value;
  return (
    optional(peer, "podSelector", peer.podSelector, selectorFault) ??
    optional(peer, "namespaceSelector", peer.namespaceSelector, selectorFault) ??
    optional(peer, "ipBlock", peer.ipBlock, ipBlockFault)
  );
}

function ipBlockFault(value: unknown): string | undefined {
  if (!isJsonObject(value)) return noObject;
  const block: Fields<"cidr" | "except"> = value;
  return required("cidr", block.cidr, textFault) ?? optional(block, "except", block.except, textsFault);
}

function portsFault(value: unknown): string | undefined {
  return listFault(value, portFault);
}

function portFault(value: unknown): string | undefined {
  if (!isJsonObject(value)) return noObject;
  const port: Fields<"protocol" | "port" | "endPort"> = value;
  return (
    optional(port, "protocol", port.protocol, textFault) ??
    optional(port, "port", port.port, portValueFault) ??
    optional(port, "endPort", port.endPort, integerFault)
  );
}

function selectorFault(value: unknown): string | undefined {
  if (!isJsonObject(value)) return noObject;
  const selector: Fields<"matchLabels" | "matchExpressions"> = value;
  return (
    optional(selector, "matchLabels", selector.matchLabels, textMapFault) ??
    optional(selector, "matchExpressions", selector.matchExpressions, expressionsFault)
  );
}

function expressionsFault(value: unknown): string | undefined {
  return listFault(value, expressionFault);
}

function expressionFault(value: unknown): string | undefined {
  if (!isJsonObject(value)) return noObject;
  const expression: Fields<"key" | "operator" | "values"> = value;
  return (
    required("key", expression.key, textFault) ??
    required("operator", expression.operator, textFault) ??
    optional(expression, "values", expression.values, textsFault)
  );
}

/** A field that is null counts as absent, as in Go, and is removed, so that nothing behind this has to know of null. */
function optional(of: object, name: string, value: unknown, check: Check): string | undefined {
  if (value === undefined) return undefined;
  if (value === null) {
    Reflect.deleteProperty(of, name);
    return undefined;
  }
  const fault = check(value);
  return fault === undefined ? undefined : `.${name}${fault}`;
}

function required(name: string, value: unknown, check: Check): string | undefined {
  if (value === undefined || value === null) return `.${name} is missing`;
  const fault = check(value);
  return fault === undefined ? undefined : `.${name}${fault}`;
}

/** No object that etcd takes (1.5 MiB) has a list so long; the work on one is bounded. */
export const longestList = 200_000;

function listFault(value: unknown, item: Check): string | undefined {
  if (!Array.isArray(value)) return " is no list";
  const items: readonly unknown[] = value;
  if (items.length > longestList) return ` has more than ${longestList} items`;
  for (let index = 0; index < items.length; index++) {
    const fault = item(items[index]);
    if (fault !== undefined) return `[${index}]${fault}`;
  }
  return undefined;
}

function textsFault(value: unknown): string | undefined {
  return listFault(value, textFault);
}

function textMapFault(value: unknown): string | undefined {
  if (!isJsonObject(value)) return noObject;
  for (const key in value) {
    if (Object.hasOwn(value, key) && typeof value[key] !== "string") return " has a value that is no string";
  }
  return undefined;
}

function textFault(value: unknown): string | undefined {
  return typeof value === "string" ? undefined : " is no string";
}

function integerFault(value: unknown): string | undefined {
  return Number.isSafeInteger(value) ? undefined : " is no integer";
}

function portValueFault(value: unknown): string | undefined {
  return typeof value === "string" || Number.isSafeInteger(value)
    ? undefined
    : " is neither integer nor string";
}
