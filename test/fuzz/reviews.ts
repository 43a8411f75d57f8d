import { junk, jsonText, objectOf, type Json } from "./json.ts";
import { names, Objects } from "./objects.ts";
import type { Random } from "./random.ts";

/** The body of one AdmissionReview: mostly such as kube-apiserver sends, with objects of any kind of fault in them. */
export function randomReview(random: Random): Buffer {
  const mess = random.pick([0, 0, 0.001, 0.003, 0.01, 0.1]);
  const body = Buffer.from(jsonText(review(random, new Objects(random, mess))));
  if (!random.chance(0.02)) return body;
  // Bytes that nobody wrote.
  for (let i = random.below(4); i >= 0; i -= 1) body[random.below(body.length)] = random.below(256);
  return random.chance(0.3) ? body.subarray(0, random.below(body.length)) : body;
}

function review(random: Random, objects: Objects): Json {
  const request = random.chance(0.8) ? policyRequest(random, objects) : namespaceRequest(random, objects);
  const whole = {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: messy(random, request),
  };
  return random.chance(0.005) ? junk(random) : messy(random, whole);
}

type Fields = Record<string, Json>;

/** One field in a hundred requests is not what it should be, or not there. */
function messy(random: Random, fields: Fields): Json {
  if (!random.chance(0.01)) return fields;
  const key = random.pick(["uid", ...Object.keys(fields)]);
  if (random.chance(0.5)) return objectOf(Object.entries(fields).filter(([name]) => name !== key));
  return { ...fields, [key]: junk(random) };
}

function policyRequest(random: Random, objects: Objects): Fields {
  const namespace = random.chance(0.97) ? "shop" : random.pick(["kube-system", "nowhere", "monitoring"]);
  const name = random.pick(names);
  const written = objects.policy(name, namespace);
  const old = random.chance(0.6) ? objects.edited(written, namespace) : objects.policy(name, namespace);
  const resource = { group: "networking.k8s.io", version: "v1", resource: "networkpolicies" };
  return { ...request(random, written, old), resource, namespace, name: random.chance(0.95) ? name : "" };
}

function namespaceRequest(random: Random, objects: Objects): Fields {
  const name = random.pick(["shop", "shop", "new", "kube-system"]);
  const resource = { group: "", version: "v1", resource: "namespaces" };
  return { ...request(random, objects.namespace(name), objects.namespace(name)), resource, name };
}

function request(random: Random, written: Json, old: Json): Fields {
  const operation = random.pick(["CREATE", "CREATE", "UPDATE", "UPDATE", "UPDATE", "DELETE"]);
  const subresource: Fields = random.chance(0.01) ? { subResource: random.pick(["status", "finalize"]) } : {};
  return {
    uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
    operation,
    userInfo: {
      username: random.pick(["tom", "", "system:admin"]),
      groups: [random.pick(["devs", "platform"])],
    },
    dryRun: random.chance(0.1),
    object: operation === "DELETE" ? null : written,
    oldObject: operation === "CREATE" ? null : old,
    ...subresource,
  };
}
