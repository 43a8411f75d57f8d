import type { NetworkPolicy } from "../../wire/network-policy.ts";
import type { Json } from "../shape.ts";
import { gaveUp, PlainJson } from "./json.ts";
import { readPlainPolicy } from "./policy.ts";

/**
 * The `request` of a review of a NetworkPolicy, with the fields that are read here and in the shape that they must have;
 * undefined where the bytes are not quite what kube-apiserver sends, or about something else: JSON.parse reads those.
 */
export function readPlainRequest(body: Buffer): Json | undefined {
  try {
    return readReview(new PlainJson(body));
  } catch (error) {
    if (gaveUp(error)) return undefined;
    throw error;
  }
}

function readReview(json: PlainJson): Json {
  let kind: string | undefined;
  let apiVersion: string | undefined;
  let request: Json | undefined;
  json.openObject();
  while (json.hasMember()) {
    if (json.takesKey("kind")) kind = constant(json, "AdmissionReview");
    else if (json.takesKey("apiVersion")) apiVersion = constant(json, "admission.k8s.io/v1");
    else if (json.takesKey("request")) request = requestOf(json);
    else json.skipMember();
  }
  json.end();
  if (kind === undefined || apiVersion === undefined || request === undefined) return json.giveUp();
  return request;
}

function requestOf(json: PlainJson): Json {
  const request: Json = {};
  json.openObject();
  while (json.hasMember()) {
    if (json.takesKey("uid")) request["uid"] = json.ownText();
    else if (json.takesKey("resource")) request["resource"] = resourceOf(json);
    else if (json.takesKey("name")) request["name"] = json.ownText();
    else if (json.takesKey("namespace")) request["namespace"] = json.ownText();
    else if (json.takesKey("operation")) request["operation"] = json.ownText();
    else if (json.takesKey("userInfo")) request["userInfo"] = userOf(json);
    else if (json.takesKey("object")) request["object"] = objectOf(json);
    else if (json.takesKey("oldObject")) request["oldObject"] = objectOf(json);
    else if (json.takesKey("dryRun")) request["dryRun"] = json.boolean();
    else if (json.takesKey("subResource")) json.giveUp();
    else json.skipMember();
  }
  return request["resource"] === undefined ? json.giveUp() : request;
}

function resourceOf(json: PlainJson): Json {
  const resource: Json = {};
  json.openObject();
  while (json.hasMember()) {
    if (json.takesKey("group")) resource["group"] = constant(json, "networking.k8s.io");
    else if (json.takesKey("version")) resource["version"] = constant(json, "v1");
    else if (json.takesKey("resource")) resource["resource"] = constant(json, "networkpolicies");
    else json.skipMember();
  }
  return resource;
}

function userOf(json: PlainJson): Json {
  const user: Json = {};
  json.openObject();
  while (json.hasMember()) {
    if (json.takesKey("username")) user["username"] = json.ownText();
    else if (json.takesKey("groups")) user["groups"] = json.texts();
    else json.skipMember();
  }
  return user;
}

function objectOf(json: PlainJson): NetworkPolicy | null {
  return json.takesNull() ? null : readPlainPolicy(json);
}

function constant(json: PlainJson, value: string): string {
  return json.text() === value ? value : json.giveUp();
}
