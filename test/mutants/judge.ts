import { validating, type Deciding } from "#src/admission/decide.ts";
import { modeLabel, modeNames } from "#src/model/profile.ts";
import type { Judged, Verdict } from "#src/model/verdict.ts";
import { Interner } from "#src/network/interner.ts";
import {
  decidingOn,
  remembersNothing,
  subjectOf,
  timeStandsStill,
  type Request,
} from "../support/decisions.ts";
import { isNamespace, type KubernetesObject } from "../support/objects.ts";
import { settingsWith } from "../support/settings.ts";
import { deliver, viewFromObjects } from "../support/view-from-objects.ts";
import { nameOf, type PolicyObject, type PolicySetCase } from "./set.ts";

/** What the namespaces of a set ask for; "both": baseline is enforced, and what restricted says besides is warned of. */
type Asked = "baseline" | "restricted" | "both";
type Cluster = Pick<PolicySetCase, "platform" | "surroundings" | "policies">;

/** Operators alone may label a namespace with the customer that it belongs to. */
const settings = settingsWith({
  protectedNamespaceLabels: new Set(["example.com/customer"]),
  curableHold: 0,
});

/** One finding, of the request for one policy. */
export interface Noticed {
  readonly policy: string;
  readonly rule: string;
  readonly profile: Judged["rule"]["profile"];
  readonly effect: Judged["effect"];
  readonly key: string;
}

/** What decides in this cluster; every namespace of the set asks for the profile. */
function decidingIn(cluster: Cluster, profile: Asked, policies: readonly PolicyObject[]): Deciding {
  const asked = Object.fromEntries(
    modeNames.map((mode) => {
      const whereEnforced = mode === "enforce" || mode === "patch" ? "baseline" : "restricted";
      return [modeLabel(mode), profile === "both" ? whereEnforced : profile];
    }),
  );
  const objects = [...cluster.platform.objects, ...cluster.surroundings, ...policies].map((object) =>
    labelled(object, asked),
  );
  return decidingOn(viewFromObjects(objects, { interner: new Interner(), settings }), settings);
}

function labelled(object: KubernetesObject, labels: Record<string, string>): KubernetesObject {
  if (!isNamespace(object) || object.metadata.name === "kube-system") return object;
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } } };
}

const never = { signal: new AbortController().signal };

async function ask(
  deciding: Deciding,
  request: Pick<Request, "operation" | "object" | "oldObject">,
): Promise<Verdict> {
  // Each question by itself: nothing that was admitted before counts.
  const parts = { ...deciding, ...timeStandsStill, admitted: remembersNothing };
  return validating(parts)(subjectOf({ ...request, cluster: [], settings }), never);
}

function noticed(policy: PolicyObject, { findings }: Verdict, alsoOld = false): Noticed[] {
  return findings
    .filter(({ introduced }) => introduced || alsoOld)
    .map(({ rule, finding, effect }) => ({
      policy: nameOf(policy),
      rule: rule.id,
      profile: rule.profile,
      effect,
      key: finding.key,
    }));
}

/** What is said of each policy of the set when it comes as the last of them, also of what the others brought. */
export async function noticedInEach(set: Cluster, profile: Asked): Promise<Noticed[]> {
  const deciding = decidingIn(set, profile, set.policies);
  const all: Noticed[] = [];
  for (const object of set.policies) {
    all.push(...noticed(object, await ask(deciding, { operation: "CREATE", object }), true));
  }
  return all;
}

/**
 * Applies the policies one after the other, and those that were denied again, as long as that helps. Returns what was said
 * of each in the end. What restricted alone denies is stored all the same, as by an exception: its namespace would else
 * lack what it opens, such as DNS to any server.
 */
export async function noticedInApply(set: Cluster, profile: Asked): Promise<Noticed[]> {
  const deciding = decidingIn(set, profile, []);
  const said = new Map<PolicyObject, Noticed[]>();
  let left = set.policies;
  for (let before = left.length + 1; left.length < before;) {
    before = left.length;
    const denied: PolicyObject[] = [];
    for (const object of left) {
      const verdict = await ask(deciding, { operation: "CREATE", object });
      said.set(object, noticed(object, verdict));
      if (isRefused(verdict)) denied.push(object);
      else deliver(deciding.view, object);
    }
    left = denied;
  }
  return [...said.values()].flat();
}

function isRefused({ findings }: Verdict): boolean {
  return findings.some(({ rule, effect }) => effect === "deny" && rule.profile !== "restricted");
}

/** What is said of the requests that make one set of the other: an UPDATE, CREATE or DELETE for each policy that differs. */
export async function noticedInEdit(before: Cluster, after: Cluster, profile: Asked): Promise<Noticed[]> {
  const deciding = decidingIn(after, profile, before.policies);
  const all: Noticed[] = [];
  for (const object of after.policies) {
    const oldObject = before.policies.find((old) => nameOf(old) === nameOf(object));
    if (oldObject === object) continue;
    const request =
      oldObject === undefined
        ? { operation: "CREATE" as const }
        : { operation: "UPDATE" as const, oldObject };
    all.push(...noticed(object, await ask(deciding, { ...request, object })));
  }
  for (const object of before.policies) {
    if (after.policies.some((one) => nameOf(one) === nameOf(object))) continue;
    all.push(...noticed(object, await ask(deciding, { operation: "DELETE", object })));
  }
  return all;
}

/**
 * Sends all policies of the set at once, in this order, as parallel creates do: each is stored as soon as it is admitted,
 * and one that another may cure is held until then. Returns the names of those that were denied.
 */
export async function deniedTogether(
  set: Cluster,
  profile: Asked,
  order: readonly PolicyObject[],
): Promise<string[]> {
  const base = decidingIn(set, profile, []);
  const parts = { ...base, settings: () => ({ ...settings, curableHold: 400 }) };
  const decide = validating(parts);
  const verdicts = order.map(async (object) => {
    const verdict = await decide(subjectOf({ operation: "CREATE", object, cluster: [], settings }), never);
    if (verdict.allowed) deliver(parts.view, object);
    return verdict.allowed ? [] : [nameOf(object)];
  });
  return (await Promise.all(verdicts)).flat();
}
