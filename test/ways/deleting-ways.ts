import { prune } from "./argo-cd.ts";
import { deleteAll } from "./flux.ts";
import { file, kubectl } from "./kubectl.ts";
import {
  deploymentTargets,
  policiesPath,
  policyTargets,
  send,
  succeeded,
  type Place,
  type Target,
} from "./place.ts";
import { good, namesOf, only, setLabel, without } from "./sets.ts";
import type { Way } from "./way.ts";

const refused = ["delete default-deny: last-isolating-policy-deletion"];
const byLabel = (place: Place): Promise<boolean> =>
  kubectl(place, ["delete", "networkpolicy", "-l", setLabel]);
const everything = (place: Place): Target[] => [...policyTargets(place, good), ...deploymentTargets(place)];

const kubectlDeleting: readonly Way[] = [
  {
    tool: "kubectl",
    way: "delete -l",
    set: "good, no pods",
    before: good,
    play: byLabel,
    succeeds: true,
    refused: [],
    stands: [],
    because: "nobody is opened",
  },
  {
    tool: "kubectl",
    way: "delete -l",
    set: "good, pods running",
    before: good,
    workloads: true,
    play: byLabel,
    succeeds: false,
    refused,
    stands: only(good, "default-deny"),
    because: "running pods would be open in a direction that was closed",
  },
  {
    tool: "kubectl",
    way: "delete -l, after the Deployments",
    set: "good",
    before: good,
    workloads: true,
    play: async (place) =>
      (await kubectl(place, ["delete", "deployment", "--all"])) && (await byLabel(place)),
    succeeds: true,
    refused: [],
    stands: [],
    because: "pods whose owner has gone are on their way out",
  },
  {
    tool: "kubectl",
    way: "replace --force",
    set: "good, pods running",
    before: good,
    workloads: true,
    play: async (place) => kubectl(place, ["replace", "--force", "-f", await file(place, good)]),
    succeeds: false,
    refused,
    stands: only(good, "default-deny"),
    because: "it deletes before it creates, and gives up: use replace; apply brings the others back",
  },
  {
    tool: "kubectl",
    way: "delete namespace",
    set: "good, pods running",
    before: good,
    workloads: true,
    play: async ({ controlPlane, namespace }) =>
      (await controlPlane.kubectl(["delete", "namespace", namespace])).code === 0,
    succeeds: true,
    refused: [],
    stands: [],
    because: "a namespace that goes takes everything with it",
  },
  {
    tool: "kubectl",
    way: "deletion of the whole collection (client libraries)",
    set: "good, pods running",
    before: good,
    workloads: true,
    play: async (place) => succeeded(await send(place, "DELETE", policiesPath(place.namespace))),
    succeeds: false,
    refused: ["deletecollection default-deny: last-isolating-policy-deletion"],
    stands: without(good, "allow-dns", "backend"),
    because: "as delete -l; the API server stops at the first refusal",
  },
];

const gitOpsDeleting: readonly Way[] = [
  {
    tool: "Argo CD",
    way: "application deleted, with the Deployments",
    set: "good",
    before: good,
    workloads: true,
    play: (place) => prune(place, everything(place)),
    succeeds: true,
    refused: namesOf(good).map((name) => `delete ${name}: last-isolating-policy-deletion`),
    byChance: "outcome",
    stands: [],
    because: "all goes at once; a policy whose deletion overtakes that of the workloads goes the next time",
  },
  {
    tool: "Flux",
    way: "Kustomization deleted, with the Deployments, tried again",
    set: "good",
    before: good,
    workloads: true,
    play: async (place) => {
      await deleteAll(place, everything(place));
      return await deleteAll(place, everything(place));
    },
    succeeds: true,
    refused,
    stands: [],
    because: "Flux deletes policies before workloads; the second time the workloads are gone",
  },
];

/** What becomes of a set that is to go. */
export const deletingWays: readonly Way[] = [...kubectlDeleting, ...gitOpsDeleting];
