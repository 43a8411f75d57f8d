/** What the plain reader is to make of a review, said by JSON.parse and a list of the fields that are known. */

type Fields = Record<string, unknown>;

const requestFields = [
  "uid",
  "resource",
  "name",
  "namespace",
  "operation",
  "userInfo",
  "object",
  "oldObject",
  "dryRun",
];
const metaFields = [
  "name",
  "generateName",
  "namespace",
  "resourceVersion",
  "labels",
  "annotations",
  "deletionTimestamp",
  "finalizers",
  "ownerReferences",
];

/** The request of a review of a policy, without what nobody reads. Throws where the text is no JSON. */
export function knownOfReview(text: string): Fields {
  const request = known((JSON.parse(text) as { request: Fields }).request, requestFields);
  change(request, "resource", (resource) => known(resource, ["group", "version", "resource"]));
  change(request, "userInfo", (user) => known(user, ["username", "groups"]));
  for (const field of ["object", "oldObject"]) {
    change(request, field, (object) => {
      const policy = known(object, ["kind", "apiVersion", "metadata", "spec"]);
      change(policy, "metadata", knownOfMeta);
      return policy;
    });
  }
  return request;
}

function knownOfMeta(meta: Fields): Fields {
  const picked = known(meta, metaFields);
  change(picked, "labels", (labels) => known(labels, ["app.kubernetes.io/managed-by"]));
  change(picked, "annotations", withOurDomain);
  const owners = picked["ownerReferences"];
  if (Array.isArray(owners)) {
    const ownerFields = ["apiVersion", "kind", "name", "uid", "controller"];
    picked["ownerReferences"] = owners.map((owner) => known(owner as Fields, ownerFields));
  }
  return picked;
}

function withOurDomain(annotations: Fields): Fields {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => key.includes("ringfence.dev/")));
}

function known(from: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)));
}

function change(of: Fields, name: string, by: (value: Fields) => Fields): void {
  const value = of[name];
  if (typeof value === "object" && value !== null) of[name] = by(value as Fields);
}
