// What a request does to the isolation of the pods that are there.

import type { ClusterView } from "../../model/cluster-view.ts";
import type { PolicySubject } from "../../model/subject.ts";
import type { Budget } from "../../network/budget.ts";
import { readPolicy } from "../../network/dialects/kubernetes.ts";
import type { AllowEntry } from "../../network/policy.ts";
import { isolates, withoutPolicy, withPolicy, type PolicySet } from "../../network/policy-set.ts";
import { isolationChange } from "../../network/reachability.ts";
import { matches } from "../../network/selector.ts";
import { directions } from "../../network/walk.ts";
import type { WorkloadGroup } from "../../network/workloads.ts";
import type { Direction } from "../../wire/network-policy.ts";

/** The policies of the request's namespace before and after it. */
export interface SetChange {
  readonly before: PolicySet;
  readonly after: PolicySet;
}

/** Both by one snapshot of the view, which shows the set after the request. Undefined where that is not known. */
export function setChange(
  { namespace, name, oldObject }: PolicySubject,
  view: Pick<ClusterView, "policies">,
): SetChange | undefined {
  const after = view.policies(namespace);
  if (after === undefined) return undefined;
  const old = oldObject && readPolicy(oldObject);
  return { before: old === undefined ? withoutPolicy(after, name) : withPolicy(after, old), after };
}

/** Pods whose isolation begins or ends, in one direction or alike in both. */
export interface IsolationShift {
  /** `ingress`, `egress` or `ingress and egress`. */
  readonly direction: string;
  readonly groups: readonly WorkloadGroup[];
}

/**
 * Whose isolation the request begins (`closed`) or ends (`opened`): pods that run, no templates, and none that are as open
 * while they are isolated.
 */
export function isolationShifts(
  subject: PolicySubject,
  view: Pick<ClusterView, "policies" | "workloads">,
  what: "closed" | "opened",
  budget: Budget,
): readonly IsolationShift[] {
  if (isolatesAlike(subject)) return none;
  const sets = setChange(subject, view);
  const groups = view.workloads(subject.namespace);
  if (sets === undefined || groups === undefined) return none;
  const isolated = what === "closed" ? sets.after : sets.before;
  const shifts = directions.map((direction): IsolationShift => ({
    direction,
    groups: isolationChange(sets.before, sets.after, direction, groups, budget)[what].filter(
      (group) => group.kind === "pod" && !isOpenAnyway(isolated, direction, group, budget),
    ),
  }));
  const [ingress, egress] = shifts;
  if (ingress !== undefined && egress !== undefined && sameGroups(ingress.groups, egress.groups)) {
    return ingress.groups.length === 0 ? none : [{ ...ingress, direction: "ingress and egress" }];
  }
  return shifts.filter((shift) => shift.groups.length > 0);
}

const none: readonly IsolationShift[] = [];

/** Whether a policy that stays opens that direction of the pods to everybody, on every port: isolated or not, they are as open. */
function isOpenAnyway({ policies }: PolicySet, direction: Direction, group: WorkloadGroup, budget: Budget) {
  budget.tick(policies.length);
  return policies.some(
    (policy) =>
      isolates(policy, direction) &&
      policy[direction].some(opensAll) &&
      matches(policy.subject, group.labels),
  );
}

function opensAll({ peers, ports }: AllowEntry): boolean {
  return peers === "any" && ports === "any";
}

/** Whether old and new policy isolate the same pods, which most updates leave as they are. */
function isolatesAlike({ compiled, oldObject }: PolicySubject): boolean {
  if (compiled === undefined || oldObject === undefined) return false;
  const old = readPolicy(oldObject);
  return (
    old.subject.text === compiled.subject.text &&
    old.terminating === compiled.terminating &&
    directions.every((direction) => old.isolates[direction] === compiled.isolates[direction])
  );
}

function sameGroups(a: readonly WorkloadGroup[], b: readonly WorkloadGroup[]): boolean {
  return a.length === b.length && a.every((group, index) => group === b[index]);
}
