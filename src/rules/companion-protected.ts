// The policies that Ringfence itself writes are edited or deleted by a user who is no operator, or one is made that looks like
// them. They would be repaired, but until then they protect nothing; and what looks like one of them would be taken for it.

import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import {
  companionNames,
  isCompanion,
  isForPurpose,
  isLabelledAsCompanion,
  isNamedAsCompanion,
} from "../intent/companion.ts";
import { isUnmet } from "../intent/purpose.ts";
import { dnsPurpose } from "../intent/purposes/dns.ts";
import type { ClusterView } from "../model/cluster-view.ts";
import type { Path } from "../model/finding.ts";
import { includesUser } from "../model/principals.ts";
import { labelPrefix } from "../model/profile.ts";
import type { PolicySubject } from "../model/subject.ts";
import { managedByLabel } from "../network/companion-marks.ts";
import type { ObjectMeta } from "../wire/meta.ts";
import type { NetworkPolicy } from "../wire/network-policy.ts";
import { clusterControllers } from "./shared/cluster-accounts.ts";
import { defineRule } from "./shared/define-rule.ts";

export const companionProtected = defineRule({
  id: "companion-protected",
  profile: "guard",
  since: "v1",
  curable: false,
  judges: "change",
  metadata: true,
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE", "DELETE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Companion protected",
    summary:
      "A user who is no operator edits or deletes a policy that Ringfence writes, or makes one that looks like it.",
    why: "Companions close the namespace. Whoever may edit or delete them, or make policies that are taken for them, opens it.",
    remediation:
      "Change the intent of the namespace, write a policy of another name beside them, or ask an operator.",
    references: ["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
  },
  messages: {
    named: {
      text: "names that begin with ringfence- are those of policies that Ringfence writes; {{user}} may not take one.",
      remedy: "Give it another name, or ask an operator (configuration: operators).",
      warning: "names that begin with ringfence- are taken by operators alone",
    },
    labelled: {
      text: "the label app.kubernetes.io/managed-by: ringfence marks policies that Ringfence writes; {{user}} may not set it.",
      remedy: "Leave it out, or ask an operator (configuration: operators).",
      warning: "only operators may set it to ringfence",
    },
    changed: {
      text: "this policy is written by Ringfence; {{user}} may not change its {{part}}.",
      remedy:
        "Change the intent of the namespace, write a policy of another name beside it, or ask an operator (configuration: operators).",
      warning: "written by Ringfence; only operators may change its {{part}}",
    },
    deleted: {
      text: "this policy is written by Ringfence, and the namespace's intent asks for it; {{user}} may not delete it.",
      remedy: "Change the intent of the namespace, or ask an operator (configuration: operators).",
      warning: "the namespace's intent asks for this policy; only operators may delete it",
    },
    noOperators: {
      advisory: true,
      text: "{{what}}; no operators are configured yet, so this only warns.",
      remedy: "To have it refused, name operators (configuration: operators).",
      warning: "{{what}}; no operators are configured",
    },
  },
  check(subject, { view, settings }) {
    const { user, namespace } = subject;
    if (!concernsCompanions(subject)) return [];
    if (settings.operators !== undefined && includesUser(settings.operators, user)) return [];
    if (clusterControllers.has(user.name) || view.namespaces?.get(namespace)?.terminating === true) return [];
    return faultsOf(subject, view).map(({ message, path, part }) => ({
      message: settings.operators === undefined ? ("noOperators" as const) : message,
      path,
      key: `${message} ${part}`,
      data: { user: user.name, part, what: whatOf(message, part) },
    }));
  },
});

interface Fault {
  readonly message: "named" | "labelled" | "changed" | "deleted";
  readonly path: Path;
  readonly part: string;
}

/** Whether anything of the request is named or labelled as Ringfence's own; nearly none is. */
function concernsCompanions({ object, oldObject }: PolicySubject): boolean {
  return [object, oldObject].some(
    (policy) =>
      policy !== undefined && (claimsName(policy.metadata) || isLabelledAsCompanion(policy.metadata)),
  );
}

/** Under generateName it will begin with that. */
function claimsName({ name = "", generateName = "" }: ObjectMeta): boolean {
  return isNamedAsCompanion({ name: name === "" ? generateName : name });
}

function faultsOf(subject: PolicySubject, view: ClusterView): readonly Fault[] {
  const { object, oldObject } = subject;
  if (object === undefined) return oldObject === undefined ? [] : deletion(subject, oldObject, view);
  if (oldObject === undefined) return [...named(object), ...labelled(object)];
  if (isCompanion(oldObject.metadata)) return changes(object, oldObject);
  return isLabelledAsCompanion(oldObject.metadata) ? [] : labelled(object);
}

function named({ metadata }: NetworkPolicy): readonly Fault[] {
  if (!claimsName(metadata)) return [];
  const field = (metadata.name ?? "") === "" ? "generateName" : "name";
  return [{ message: "named", path: ["metadata", field], part: "name" }];
}

function labelled({ metadata }: NetworkPolicy): readonly Fault[] {
  if (!isLabelledAsCompanion(metadata)) return [];
  return [{ message: "labelled", path: ["metadata", "labels", managedByLabel], part: "label" }];
}

function deletion(
  { name, namespace }: PolicySubject,
  { metadata }: NetworkPolicy,
  view: ClusterView,
): readonly Fault[] {
  if (!isCompanion(metadata) || !isDue(name, namespace, view)) return [];
  return [{ message: "deleted", path: [], part: "" }];
}

/**
 * Under the name for its purpose, or the other one, which it has where an object that is not Ringfence's has the first. What
 * is left as it stands, since nobody can tell what is due, would not be made again: it is due as well.
 */
function isDue(name: string, namespace: string, view: ClusterView): boolean {
  const facts = view.namespaces?.get(namespace);
  if (facts === undefined) return false;
  const { intent, asked, unmet, excluded } = view.companionsFor(facts);
  if (excluded !== undefined) return false;
  if (intent.source === "unreadable") return true;
  if (isUnmet("allowDNS", unmet) && isForPurpose(dnsPurpose, name)) return true;
  return asked.some(({ purpose }) => companionNames(purpose, facts.uid).includes(name));
}

/** What of a companion is changed that is Ringfence's alone; labels and annotations of other tools are not. */
function changes(object: NetworkPolicy, oldObject: NetworkPolicy): readonly Fault[] {
  const changed = (path: Path, part: string): Fault => ({ message: "changed", path, part });
  const faults: Fault[] = [];
  if (!isDeepStrictEqual(object.spec, oldObject.spec)) faults.push(changed(["spec"], "spec"));
  // What goes away must be able to: whoever set a finalizer takes it off.
  if (oldObject.metadata.deletionTimestamp !== undefined) return faults;
  if (!isLabelledAsCompanion(object.metadata)) {
    faults.push(changed(["metadata", "labels", managedByLabel], `label ${managedByLabel}`));
  }
  for (const list of ["ownerReferences", "finalizers"] as const) {
    if (!isDeepStrictEqual(object.metadata[list] ?? [], oldObject.metadata[list] ?? [])) {
      faults.push(changed(["metadata", list], list));
    }
  }
  const [after, before] = [object.metadata.annotations ?? {}, oldObject.metadata.annotations ?? {}];
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (!key.startsWith(labelPrefix) || after[key] === before[key]) continue;
    faults.push(changed(["metadata", "annotations", key], `annotation ${key}`));
  }
  return faults;
}

function whatOf(message: Fault["message"], part: string): string {
  switch (message) {
    case "named":
      return "names that begin with ringfence- are those of policies that Ringfence writes";
    case "labelled":
      return "the label marks policies that Ringfence writes";
    case "changed":
      return `this policy is written by Ringfence, and its ${part} is changed`;
    case "deleted":
      return "this policy is written by Ringfence, and the namespace's intent asks for it";
  }
}
