import { reconcile } from "./flux.ts";
import { deploymentTargets, policyTargets, type Place, type Target } from "./place.ts";
import {
  bad,
  changed,
  denyFirst,
  denyWithDns,
  good,
  lone,
  only,
  renamed,
  withoutDns,
  type PolicySet,
} from "./sets.ts";
import { restricted, type Way } from "./way.ts";

const tool = "Flux";

const reconciliationOf =
  (set: PolicySet, stale: PolicySet = []) =>
  (place: Place): Promise<boolean> =>
    reconcile(place, { targets: policyTargets(place, set), stale: policyTargets(place, stale) });

const badOnDryRun = [
  "patch monitoring (dry run): or-ed-selectors",
  "patch postgres (dry run): allow-all-ingress",
];

const first: readonly Way[] = [
  {
    tool,
    way: "first reconciliation",
    set: "good",
    play: reconciliationOf(good),
    succeeds: true,
    refused: [],
    stands: good,
    because: "on the dry run of all, what the DNS allow cures only warns; then the DNS allow goes first",
  },
  {
    tool,
    way: "first reconciliation, with the Namespace",
    set: "good",
    makesNamespace: true,
    play: (place) => reconcile(place, { targets: [namespaceOf(place), ...policyTargets(place, good)] }),
    succeeds: true,
    refused: [],
    stands: good,
    because: "a namespace that has just been made is waited for",
  },
  {
    tool,
    way: "first reconciliation, with the Deployments",
    set: "good",
    play: (place) =>
      reconcile(place, { targets: [...policyTargets(place, good), ...deploymentTargets(place)] }),
    succeeds: true,
    refused: [],
    stands: good,
    because: "as without them",
  },
  {
    tool,
    way: "two reconciliations",
    set: "good, deny first",
    play: async (place) => {
      await reconciliationOf(denyFirst)(place);
      return await reconciliationOf(denyFirst)(place);
    },
    succeeds: false,
    refused: Array<string>(2).fill("patch 00-default-deny: missing-dns-egress"),
    stands: [],
    because: "Flux goes by name and stops at the first refusal, each time: see below",
  },
  {
    tool,
    way: "first reconciliation",
    set: "deny that lets DNS out",
    play: reconciliationOf(denyWithDns),
    succeeds: true,
    refused: [],
    stands: denyWithDns,
    because: "one object isolates and lets DNS out, and sorts first",
  },
  {
    tool,
    way: "first reconciliation",
    set: "bad",
    play: reconciliationOf(bad),
    succeeds: false,
    refused: badOnDryRun,
    stands: [],
    because: "each refused policy breaks a rule by itself; refused on the dry run, so nothing is applied",
  },
  {
    tool,
    way: "first reconciliation",
    set: "without DNS",
    play: reconciliationOf(withoutDns),
    succeeds: false,
    refused: ["patch backend: missing-dns-egress"],
    stands: [],
    because: "nothing lets DNS out; Flux stops at the first refusal",
  },
];

const next: readonly Way[] = [
  {
    tool,
    way: "reconciliation with pruning",
    set: "good, then changed",
    before: good,
    workloads: true,
    play: reconciliationOf(changed, only(good, "monitoring")),
    succeeds: true,
    refused: [],
    stands: changed,
    because: "what is pruned goes last, and only opened",
  },
  {
    tool,
    way: "reconciliation with pruning",
    set: "good, then renamed",
    before: good,
    workloads: true,
    play: reconciliationOf(renamed, only(good, "default-deny")),
    succeeds: true,
    refused: [],
    stands: renamed,
    because: "the new default deny stands before the old one goes",
  },
  {
    tool,
    way: "reconciliation with pruning",
    set: "default deny alone, then renamed",
    before: lone("default-deny"),
    workloads: true,
    play: reconciliationOf(lone("isolate-all"), lone("default-deny")),
    succeeds: true,
    refused: [],
    stands: lone("isolate-all"),
    because: "Flux prunes last",
  },
  {
    tool,
    way: "reconciliation",
    set: "good, then bad",
    before: good,
    play: reconciliationOf(bad),
    succeeds: false,
    refused: badOnDryRun,
    stands: good,
    because: "what stood stays as it was",
  },
];

function namespaceOf({ namespace }: Place): Target {
  const metadata = { name: namespace, labels: restricted };
  const object = { apiVersion: "v1", kind: "Namespace", metadata };
  return { collection: "/api/v1/namespaces", object };
}

/** The ways of Flux, by its sequence of API calls. */
export const fluxWays: readonly Way[] = [...first, ...next];
