import { mutating, validating, type Deciding } from "#src/admission/decide.ts";
import { holdSlots } from "#src/admission/hold.ts";
import { parseReview, policyOfReview } from "#src/admission/review.ts";
import { createEngine } from "#src/engine/engine.ts";
import { modesReader } from "#src/model/modes.ts";
import type { Settings } from "#src/model/settings.ts";
import type { Operation, Subject, User } from "#src/model/subject.ts";
import type { Verdict } from "#src/model/verdict.ts";
import { cniVerdict } from "#src/network/cni-verdict.ts";
import { compilePolicy } from "#src/network/dialects/kubernetes.ts";
import { Interner } from "#src/network/interner.ts";
import { rules } from "#src/rules/index.ts";
import { createAdmitted, type Admitted } from "#src/view/admitted.ts";
import type { LiveView } from "#src/view/live-view.ts";
import type { NetworkPolicy } from "#src/wire/network-policy.ts";
import { asSent, isNamespace, type KubernetesObject } from "./objects.ts";
import { now } from "./judging.ts";
import { recordedFacts, recordedFile } from "./recorded-cluster.ts";
import { viewFromObjects } from "./view-from-objects.ts";

/** One request to kube-apiserver, and the cluster in which it is made. */
export interface Request {
  readonly cluster: readonly KubernetesObject[];
  readonly operation: Operation;
  /** Of a DELETE what is deleted. */
  readonly object: KubernetesObject;
  readonly oldObject?: KubernetesObject;
  readonly user?: User;
  readonly dryRun?: boolean;
  readonly settings: Settings;
  /** The recorded cluster in test/fixtures/facts whose plugins and nodes this one has. */
  readonly facts?: string | undefined;
}

const interner = new Interner();
const compile = (policy: NetworkPolicy) => compilePolicy(policy, interner);

/** The subject of the request, by way of the review that kube-apiserver would send. */
export function subjectOf(request: Request): Subject {
  const { object, operation, user = { name: "tom", groups: ["devs"] } } = request;
  const isDelete = operation === "DELETE";
  const old = isDelete ? object : request.oldObject;
  const review = {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: {
      uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
      resource: isNamespace(object)
        ? { group: "", version: "v1", resource: "namespaces" }
        : { group: "networking.k8s.io", version: "v1", resource: "networkpolicies" },
      name: object.metadata.name,
      namespace: object.metadata.namespace,
      operation,
      userInfo: { username: user.name, groups: user.groups },
      object: isDelete ? null : asSent(object),
      oldObject: old === undefined ? null : asSent(old),
      dryRun: request.dryRun ?? false,
    },
  };
  return parseReview(Buffer.from(JSON.stringify(review)), compile);
}

/** What `/validate` answers. */
export async function validate(request: Request): Promise<Verdict> {
  return validating(await deciding(request))(subjectOf(request), unlimited);
}

/** What `/mutate` answers. */
export async function mutate(request: Request): Promise<Verdict> {
  return mutating(await deciding(request))(subjectOf(request), unlimited);
}

const unlimited = { signal: new AbortController().signal };

async function deciding(request: Request): Promise<Deciding> {
  const { cluster, operation, object, oldObject, settings, facts } = request;
  const stored = operation === "DELETE" ? object : oldObject;
  const objects = stored === undefined ? cluster : [...cluster, stored];
  const cni =
    facts === undefined
      ? undefined
      : cniVerdict(await recordedFacts(recordedFile(facts)), settings.systemNamespaces.names);
  return decidingOn(viewFromObjects(objects, { interner, settings, cni }), settings);
}

/** Where the time is not what is looked for, and must not decide on a slow machine. */
export const timeStandsStill: Pick<Deciding, "clock"> = { clock: () => 0 };

/** What decides, on this view. */
export function decidingOn(view: LiveView, settings: Settings): Deciding {
  return {
    engine: createEngine({ rules, compile, now: () => now }),
    view,
    admitted: nothingAdmitted(),
    settings: () => settings,
    readModes: modesReader(),
    slots: holdSlots(() => settings.curableHoldLimit),
    clock: () => performance.now(),
    lateVerdict: () => undefined,
  };
}

/** A memory in which nothing stays, for any number of questions that have nothing to do with each other. */
export const remembersNothing: Admitted = createAdmitted({
  now: () => performance.now(),
  compile: (body) => policyOfReview(body, compile),
  byteLimit: 1 << 16,
  memory: 0,
});

/** The memory of a replica that has admitted nothing yet. */
export function nothingAdmitted(): Admitted {
  const again = (body: Buffer) => policyOfReview(body, compile);
  return createAdmitted({ now: () => performance.now(), compile: again, byteLimit: 1 << 16 });
}
