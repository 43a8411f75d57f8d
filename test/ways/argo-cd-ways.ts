import { sync, type Sync } from "./argo-cd.ts";
import { deploymentTargets, policyTargets, type Place } from "./place.ts";
import {
  bad,
  changed,
  denyFirst,
  good,
  lone,
  only,
  renamed,
  without,
  withoutDns,
  type PolicySet,
} from "./sets.ts";
import type { Way } from "./way.ts";

const tool = "Argo CD";

const syncOf =
  (set: PolicySet, options: Omit<Sync, "targets" | "pruned"> = {}, pruned: PolicySet = []) =>
  (place: Place): Promise<boolean> =>
    sync(place, { targets: policyTargets(place, set), pruned: policyTargets(place, pruned), ...options });

const cutOff = ["backend", "default-deny", "frontend"].map((name) => `create ${name}: missing-dns-egress`);
const gone = only(good, "monitoring");
const loneDeny = lone("default-deny");

const first: readonly Way[] = [
  {
    tool,
    way: "first sync",
    set: "good",
    play: syncOf(good),
    succeeds: true,
    refused: [],
    stands: good,
    because: "all policies are applied at once; what the DNS allow cures is held until it is there",
  },
  {
    tool,
    way: "first sync, with the Deployments",
    set: "good",
    play: (place) => sync(place, { targets: [...policyTargets(place, good), ...deploymentTargets(place)] }),
    succeeds: true,
    refused: [],
    stands: good,
    because: "policies go before workloads",
  },
  {
    tool,
    way: "first sync, ServerSideApply",
    set: "good",
    play: syncOf(good, { applying: "server" }),
    succeeds: true,
    refused: [],
    stands: good,
    because: "as the first sync",
  },
  {
    tool,
    way: "first sync, Replace",
    set: "good",
    play: syncOf(good, { applying: "replace" }),
    succeeds: true,
    refused: [],
    stands: good,
    because: "as the first sync",
  },
  {
    tool,
    way: "first sync",
    set: "good, deny first",
    play: syncOf(denyFirst),
    succeeds: true,
    refused: [],
    stands: denyFirst,
    because: "objects of one wave have no order",
  },
  {
    tool,
    way: "first sync, the DNS allow a wave later",
    set: "good",
    play: syncOf(good, { waves: { "allow-dns": 1 } }),
    succeeds: false,
    refused: cutOff,
    stands: only(good, "monitoring", "postgres"),
    because: "a wave waits for the one before it; the DNS allow belongs into the first one",
  },
  {
    tool,
    way: "first sync, the default deny a wave later",
    set: "good",
    play: syncOf(good, { waves: { "default-deny": 1 } }),
    succeeds: true,
    refused: [],
    stands: good,
    because: "DNS is let out before",
  },
  {
    tool,
    way: "first sync",
    set: "bad",
    play: syncOf(bad),
    succeeds: false,
    refused: ["create monitoring: or-ed-selectors", "create postgres: allow-all-ingress"],
    stands: without(bad, "monitoring", "postgres"),
    because: "each refused policy breaks a rule by itself; the sync fails and names them",
  },
  {
    tool,
    way: "first sync",
    set: "without DNS",
    play: syncOf(withoutDns),
    succeeds: false,
    refused: cutOff,
    stands: only(withoutDns, "monitoring", "postgres"),
    because: "nothing comes that would let DNS out",
  },
];

const next: readonly Way[] = [
  {
    tool,
    way: "sync, pruning before (the default)",
    set: "good, then changed",
    before: good,
    workloads: true,
    play: syncOf(changed, {}, gone),
    succeeds: true,
    refused: [],
    stands: changed,
    because: "what is pruned only opened",
  },
  {
    tool,
    way: "sync, ServerSideApply, PruneLast",
    set: "good, then changed",
    before: good,
    workloads: true,
    play: syncOf(changed, { applying: "server", pruneLast: true }, gone),
    succeeds: true,
    refused: [],
    stands: changed,
    because: "as pruning before",
  },
  {
    tool,
    way: "sync, Replace",
    set: "good, then changed",
    before: good,
    workloads: true,
    play: syncOf(changed, { applying: "replace" }, gone),
    succeeds: true,
    refused: [],
    stands: changed,
    because: "as pruning before",
  },
  {
    tool,
    way: "sync, pruning before (the default)",
    set: "good, then renamed",
    before: good,
    workloads: true,
    play: syncOf(renamed, {}, only(good, "default-deny")),
    succeeds: true,
    refused: [],
    stands: renamed,
    because: "between the two, the DNS allow and monitoring still isolate every pod",
  },
  {
    tool,
    way: "sync, pruning before (the default)",
    set: "default deny alone, then renamed",
    before: loneDeny,
    workloads: true,
    play: syncOf(lone("isolate-all"), {}, loneDeny),
    succeeds: false,
    refused: ["delete default-deny: last-isolating-policy-deletion"],
    stands: loneDeny,
    because: "the old default deny would go before the new one comes; PruneLast turns it round",
  },
  {
    tool,
    way: "sync, PruneLast",
    set: "default deny alone, then renamed",
    before: loneDeny,
    workloads: true,
    play: syncOf(lone("isolate-all"), { pruneLast: true }, loneDeny),
    succeeds: true,
    refused: [],
    stands: lone("isolate-all"),
    because: "the new default deny stands before the old one goes",
  },
  {
    tool,
    way: "sync",
    set: "good, then bad",
    before: good,
    play: syncOf(bad),
    succeeds: false,
    refused: ["patch monitoring: or-ed-selectors", "patch postgres: allow-all-ingress"],
    stands: good,
    because: "what stood stays as it was",
  },
];

/** The ways of Argo CD, by its sequence of API calls. */
export const argoCdWays: readonly Way[] = [...first, ...next];
