/** What the contract between kube-apiserver and an admission webhook asks of Ringfence, each in a sentence. */
export interface Requirement {
  /** Permanent: tests name it in their titles. */
  readonly id: `R${number}`;
  readonly says: string;
}

/** A requirement that no test of this repository can hold yet, or here. */
export interface Untried extends Requirement {
  readonly reason: string;
}

const section = (title: string, requirements: Readonly<Record<`R${number}`, string>>) => ({
  title,
  requirements: (Object.entries(requirements) as [`R${number}`, string][]).map(([id, says]): Requirement => ({
    id,
    says,
  })),
});

/** Those that tests hold. */
export const sections = [
  section("Protocol", {
    R1: "A valid review is answered with HTTP 200, an AdmissionReview of v1 and the same uid, byte for byte.",
    R2: "A v1beta1 review, a missing request or uid, or no JSON at all is HTTP 400, never a verdict.",
    R3: "Another method or path is 404 or 405; no path ever redirects.",
    R4: "A validating answer holds neither patch nor patchType.",
    R5: "A mutating answer holds both or none; the patch is base64 of a JSON array that is not empty.",
    R6: "A denial is status 403, reason Forbidden, and its message names every rule that denies.",
    R7: "One message lists all findings up to a cap and counts the rest.",
    R8: "An internal error is HTTP 500 without Retry-After, so that failurePolicy decides.",
    R9: "Warnings are single lines of at most 256 characters, together below 4096, the rest counted.",
    R10: "A warning that quotes a newline or tab of the user's still reaches kubectl.",
    R11: "Keys of audit annotations are qualified names without a slash, equal for equal verdicts.",
    R12: "Audit annotations of a denial name rule and mode; no message holds a whole object or a secret.",
    R13: "Fields that nobody knows yet are ignored.",
    R14: "Absent options and a null object are no errors.",
    R15: "A patch makes the parents that it needs first; its paths hold no key of the user's.",
    R16: "Every patch applies under a strict RFC 6902 library.",
    R17: "What was patched is not patched again, also when the webhook is invoked again.",
    R18: "No patch changes what the user wrote: it appends, and only where the namespace asks for patches.",
    R19: "No patch touches what the API server or other writers own.",
    R20: "A DELETE is never patched.",
  }),
  section("Matching and lifecycle", {
    R21: "A DELETE is judged by its old object; deletecollection takes the name from there.",
    R22: "generateName: an empty name, and for a Namespace an empty namespace, are accepted.",
    R23: "While an object is being deleted, its metadata may change whatever its spec violates; a changed spec is judged.",
    R24: "An update of metadata alone is allowed; a violation is denied where the update brings or worsens it.",
    R25: "status and finalize never reach the webhook; if they do they are allowed.",
    R27: "A Namespace and its policies in one kubectl apply are accepted in any state of the cache.",
    R28: "A policy whose namespace is unknown is judged by the defaults raised to the floor, rules of the set unknown.",
    R29: "A dry run writes nothing, is counted as one, and gets the real verdict, except that curable findings warn.",
    R30: "No request makes Ringfence write to the API server.",
    R31: "An object that was converted for the webhook gets the same verdict.",
    R32: "Two server-side appliers of one manifest that no fix touched do not conflict.",
    R33: "A repeated apply of a manifest that no fix touched says unchanged; kubectl diff finds nothing.",
    R34: "Re-application by Argo CD or Flux finds no difference after the first sync.",
    R39: "No label exempts, not even one that is set by the same request.",
    R40: "Exemption goes by the namespace's name, which nobody can forge.",
    R41: "Who asks is who the API server says, impersonated or not; no label of the user's grants anything.",
    R44: "Namespaces of the system are not asked about by webhooks that fail closed; no rule has a wildcard.",
    R46: "With Ringfence gone, requests fail open or closed as failurePolicy says, visible in the API server's metrics.",
    R47: "Requests of Ringfence's own account are skipped.",
  }),
  section("Companions", {
    R26: "A namespace that ends gets no companion, and its end is no error.",
    R35: "Companions carry no tracking labels or annotations of deployment tools.",
    R36: "An edited companion is restored by at most one change; who edits it again and again slows the repairs, and is reported.",
    R37: "A foreign policy under a companion's name is left alone and reported.",
    R38: "Companions of a namespace that opted out are removed, and nothing else is.",
    R48: "Ringfence's own namespace and those of the system get no companion.",
    R79: "Only the holder of the lease writes; when it has gone, another takes over as soon as the lease's time is over.",
    R80: "One namespace whose companions are refused does not stop the others; it is tried again, ever more slowly.",
  }),
  section("Availability", {
    R50: "Nobody is answered from a view that was never complete; readiness is false until then.",
    R51: "Cut off from the API server, Ringfence goes on deciding, shows how stale it is, and stays alive.",
  }),
  section("Transport", {
    R53: "A connection that was idle for as long as kube-apiserver keeps one still serves the next request.",
    R55: "After SIGTERM answers close their connections, requests in flight finish, and the process ends in time.",
    R56: "After SIGTERM the listener stays open for the configured delay while readiness is false already.",
    R57: "The answer comes before ?timeout= less a margin, whatever stands there.",
    R58: "Work for a client that has gone is given up and counted.",
    R59: "A review of 3 MiB object and 3 MiB old object is taken; beyond the limit it is 413, and counted.",
    R61: "Overload is refused at once with 503.",
    R62: "TLS 1.2 and 1.3 with http/1.1 only.",
    R63: "Handshakes that end early do not fill the log.",
    R65: "Nothing is assumed about who calls; no endpoint tells of the cluster.",
    R66: "Keys such as __proto__ and constructor are data.",
    R67: "Deep nesting and huge arrays are answered in time or refused cleanly.",
    R68: "Duplicate keys and invalid UTF-8 have one defined meaning on both paths.",
  }),
  section("Certificates and cluster view", {
    R76: "Development certificates are as strict clients want them.",
    R78: "After a 410, a 5xx, a cut or a silent connection every reflector recovers.",
    R82: "First lists are paged and few at a time.",
    R83: "What the account may not do is named; a kind that may not be read is unknown, no lease means no companions, and all else goes on.",
    R84: "Kinds that come or go are taken up without a restart.",
  }),
  section("Observability and tests", {
    R85: "Every verdict is counted; buckets from 1 ms to 10 s; no label grows without bound.",
    R86: "One log line per admission says who asked for what and what came of it; bodies are never logged.",
    R87: "Under audit alone a violation is allowed without a warning, annotated and counted.",
    R89: "End-to-end tests wait for the webhooks, and see annotations and metrics of the real API server.",
    R91: "What a kubectl user sees is fixed by golden texts.",
  }),
] as const;

const later = (reason: string, requirements: Readonly<Record<`R${number}`, string>>): Untried[] =>
  (Object.entries(requirements) as [`R${number}`, string][]).map(([id, says]) => ({ id, says, reason }));

/** Those that no test holds, each with the reason. */
export const untried: readonly Untried[] = [
  ...later("Only Kubernetes' own NetworkPolicies are judged yet.", {
    R42: "Cluster-scoped policies are handled although no namespaceSelector filters them.",
    R43: "A Calico write through either API group is judged once.",
  }),
  ...later("The control plane of the tests has no kubelet: no pod ever runs.", {
    R45: "With all replicas down nodes and pods still start.",
    R49: "Uninstalling in order leaves nothing locked.",
    R52: "No order of installation locks the cluster.",
    R54: "A rolling restart under load fails no call.",
    R81: "A token that the kubelet rotates is the next request's.",
    R77: "A renewed Secret is taken up within 90 s of kubelet's writing it.",
  }),
  ...later("A matter of figures on a quiet machine: `npm run bench` prints them.", {
    R60: "200 concurrent calls from cold stay below the timeout.",
  }),
  ...later("Client certificates are not asked for yet.", {
    R64: "With mutual TLS on, an untrusted client is refused, also after a rotation.",
  }),
  ...later("Certificates come from files yet; who makes them also rotates them.", {
    R69: "Several first replicas agree on one authority.",
    R70: "A certificate is renewed before it expires without a failed call.",
    R71: "A rotation of the authority fails no call.",
    R72: "A new certificate does not loosen the TLS settings.",
    R73: "A broken Secret does not cost the certificate in use.",
    R74: "Certificates of others are never touched.",
    R75: "A caBundle that others overwrite is restored once per change.",
  }),
  ...later("Reports are not written yet.", {
    R88: "Reports stay bounded in number and size.",
  }),
  ...later("One Kubernetes minor is built; a folder beside test/control-plane/v1.36 adds another.", {
    R90: "The end-to-end tests cover the oldest and the newest supported minor.",
  }),
];
