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

/**
 * Says what is wrong with a value, beginning with the path inside it (".spec.ingress[0] is no object"); undefined
 * where nothing is. Paths are only put together where there is a fault: this runs for every request.
 */
export type Check = (value: unknown) => string | undefined;

/** No object that etcd takes (1.5 MiB) has a list so long; the work on one is bounded. */
const longestList = 200_000;

const text: Check = (value) => (typeof value === "string" ? undefined : " is no string");
const integer: Check = (value) => (Number.isSafeInteger(value) ? undefined : " is no integer");
const portValue: Check = (value) =>
  typeof value === "string" || Number.isSafeInteger(value) ? undefined : " is neither integer nor string";

function listOf(item: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return " is no list";
    const items: readonly unknown[] = value;
    if (items.length > longestList) return ` has more than ${longestList} items`;
    for (let index = 0; index < items.length; index++) {
      const fault = item(items[index]);
      if (fault !== undefined) return `[${index}]${fault}`;
    }
    return undefined;
  };
}

const textMap: Check = (value) => {
  if (!isJsonObject(value)) return " is no object";
  for (const key of Object.keys(value)) {
    if (typeof value[key] !== "string") return " has a value that is no string";
  }
  return undefined;
};

/**
 * An object whose named fields pass their checks. A field that is null counts as absent, as in Go, and is removed, so
 * that nothing behind this has to know of null. Other fields are left as they are.
 */
function objectOf(fields: Readonly<Record<string, Check>>, required: readonly string[] = []): Check {
  const checks = Object.entries(fields);
  return (value) => {
    if (!isJsonObject(value)) return " is no object";
    for (const [name, check] of checks) {
      if (!Object.hasOwn(value, name)) continue;
      const field = value[name];
      if (field === null) {
        Reflect.deleteProperty(value, name);
        continue;
      }
      const fault = check(field);
      if (fault !== undefined) return `.${name}${fault}`;
    }
    for (const name of required) if (!Object.hasOwn(value, name)) return `.${name} is missing`;
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
    objectOf({ key: text, operator: text, values: listOf(text) }, ["key", "operator"]),
  ),
});

const ipBlock = objectOf({ cidr: text, except: listOf(text) }, ["cidr"]);
const peers = listOf(objectOf({ podSelector: labelSelector, namespaceSelector: labelSelector, ipBlock }));
const ports = listOf(objectOf({ protocol: text, port: portValue, endPort: integer }));

const policySpec = objectOf({
  podSelector: labelSelector,
  policyTypes: listOf(text),
  ingress: listOf(objectOf({ from: peers, ports })),
  egress: listOf(objectOf({ to: peers, ports })),
});

/** Why the value is no networking.k8s.io/v1 NetworkPolicy; undefined where it is one. */
export const policyFault: Check = objectOf({ metadata: metaFields, spec: policySpec }, ["metadata"]);

/** Why the value is no v1 Namespace; undefined where it is one. */
export const namespaceFault: Check = objectOf(
  {
    metadata: metaFields,
    spec: objectOf({ finalizers: listOf(text) }),
    status: objectOf({ phase: text }),
  },
  ["metadata"],
);
