/**
 * Whether parsed JSON has the shape of the object it is said to be, as far as Ringfence reads it. kube-apiserver sends
 * what its own types were marshalled to, so a fault means that somebody else is asking; after these checks the wire
 * types can be trusted.
 */

export type Json = Record<string, unknown>;

/** A JSON object: not null, not an array. */
export function isJsonObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Says what is wrong with the value at `path`; undefined where it is as it should be. */
type Check = (value: unknown, path: string) => string | undefined;

const text: Check = (value, path) => (typeof value === "string" ? undefined : `${path} is no string`);
const integer: Check = (value, path) => (Number.isSafeInteger(value) ? undefined : `${path} is no integer`);
const portValue: Check = (value, path) =>
  typeof value === "string" || Number.isSafeInteger(value)
    ? undefined
    : `${path} is neither integer nor string`;

function listOf(item: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) return `${path} is no list`;
    const items: readonly unknown[] = value;
    for (let index = 0; index < items.length; index++) {
      const fault = item(items[index], `${path}[${index}]`);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

const textMap: Check = (value, path) => {
  if (!isJsonObject(value)) return `${path} is no object`;
  for (const key of Object.keys(value)) {
    if (typeof value[key] !== "string") return `a value of ${path} is no string`;
  }
  return undefined;
};

/**
 * An object whose named fields pass their checks. A field that is null counts as absent, as in Go, and is removed, so
 * that nothing behind this has to know of null. Other fields are left as they are.
 */
function objectOf(fields: Readonly<Record<string, Check>>): Check {
  const checks = Object.entries(fields);
  return (value, path) => {
    if (!isJsonObject(value)) return `${path} is no object`;
    for (const [name, check] of checks) {
      if (!Object.hasOwn(value, name)) continue;
      const field = value[name];
      if (field === null) {
        Reflect.deleteProperty(value, name);
        continue;
      }
      const fault = check(field, `${path}.${name}`);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

const ownerReference = objectOf({ apiVersion: text, kind: text, name: text, uid: text });

const metaFields = objectOf({
  name: text,
  generateName: text,
  namespace: text,
  uid: text,
  labels: textMap,
  annotations: textMap,
  deletionTimestamp: text,
  finalizers: listOf(text),
  ownerReferences: listOf(ownerReference),
});

const labelSelector = objectOf({
  matchLabels: textMap,
  matchExpressions: listOf(
    required(["key", "operator"], objectOf({ key: text, operator: text, values: listOf(text) })),
  ),
});

const ipBlock = required(["cidr"], objectOf({ cidr: text, except: listOf(text) }));
const peers = listOf(objectOf({ podSelector: labelSelector, namespaceSelector: labelSelector, ipBlock }));
const ports = listOf(objectOf({ protocol: text, port: portValue, endPort: integer }));

const policySpec = objectOf({
  podSelector: labelSelector,
  policyTypes: listOf(text),
  ingress: listOf(objectOf({ from: peers, ports })),
  egress: listOf(objectOf({ to: peers, ports })),
});

function required(names: readonly string[], check: Check): Check {
  return (value, path) => {
    const fault = check(value, path);
    if (fault !== undefined || !isJsonObject(value)) return fault;
    const missing = names.find((name) => !Object.hasOwn(value, name));
    return missing === undefined ? undefined : `${path}.${missing} is missing`;
  };
}

/** Why the value is no networking.k8s.io/v1 NetworkPolicy; undefined where it is one. */
export const policyFault: Check = required(
  ["metadata"],
  objectOf({ metadata: metaFields, spec: policySpec }),
);

/** Why the value is no v1 Namespace; undefined where it is one. */
export const namespaceFault: Check = required(
  ["metadata"],
  objectOf({
    metadata: metaFields,
    spec: objectOf({ finalizers: listOf(text) }),
    status: objectOf({ phase: text }),
  }),
);
