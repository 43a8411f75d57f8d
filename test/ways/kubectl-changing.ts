import type { Place } from "./place.ts";
import { apply, edit, file, kubectl } from "./kubectl.ts";
import { bad, changed, good, only, renamed, setLabel, without } from "./sets.ts";
import type { Way } from "./way.ts";

const tool = "kubectl";
const port = (number: number): object => ({ ports: [{ protocol: "TCP", port: number }] });
const fromFrontend = { podSelector: { matchLabels: { app: "frontend" } } };
const otherPort = [...without(good, "backend"), ...only(changed, "backend")];
const pruning = ["--prune", "-l", setLabel, "--prune-allowlist=networking.k8s.io/v1/NetworkPolicy"];

/** kubectl changes a set that stands. */
export const kubectlChanging: readonly Way[] = [
  {
    tool,
    way: "apply --prune -l",
    set: "good, then changed",
    workloads: true,
    play: async (place) => (await apply(place, good)) && (await apply(place, changed, ...pruning)),
    succeeds: true,
    refused: [],
    stands: changed,
    because: "what is pruned goes last, and only opened",
  },
  {
    tool,
    way: "apply --prune -l",
    set: "good, then renamed",
    workloads: true,
    play: async (place) => (await apply(place, good)) && (await apply(place, renamed, ...pruning)),
    succeeds: true,
    refused: [],
    stands: renamed,
    because: "the new default deny stands before the old one goes",
  },
  {
    tool,
    way: "replace -f FILE",
    set: "good, then good with another port",
    before: good,
    play: async (place) => kubectl(place, ["replace", "-f", await file(place, otherPort)]),
    succeeds: true,
    refused: [],
    stands: otherPort,
    because: "replacing by the same set leaves nothing open on the way",
  },
  {
    tool,
    way: "replace -f FILE",
    set: "good, then bad",
    before: good,
    play: async (place) => kubectl(place, ["replace", "-f", await file(place, bad)]),
    succeeds: false,
    refused: ["update monitoring: or-ed-selectors", "update postgres: allow-all-ingress"],
    stands: good,
    because: "what stood stays as it was",
  },
  {
    tool,
    way: "patch, of the three types",
    set: "good, then good with another port",
    before: good,
    play: async (place) => {
      const ingress = { ingress: [{ from: [fromFrontend], ...port(8443) }] };
      const operation = { op: "replace", path: "/spec/ingress/0/ports/0/port", value: 9443 };
      return (
        (await patch(place, "backend", "json", [operation])) &&
        (await patch(place, "backend", "merge", {
          spec: { ingress: [{ ...ingress.ingress[0], ...port(9090) }] },
        })) &&
        (await patch(place, "backend", "strategic", { spec: ingress }))
      );
    },
    succeeds: true,
    refused: [],
    stands: otherPort,
    because: "another port opens nothing that a rule forbids",
  },
  {
    tool,
    way: "patch, of the three types",
    set: "good, then open to all",
    before: good,
    play: async (place) => {
      const answers = [
        await patch(place, "postgres", "json", [{ op: "add", path: "/spec/ingress/-", value: {} }]),
        await patch(place, "postgres", "merge", { spec: { ingress: [{}] } }),
        await patch(place, "postgres", "strategic", { spec: { ingress: [{}] } }),
      ];
      return !answers.includes(false);
    },
    succeeds: false,
    refused: Array<string>(3).fill("patch postgres: allow-all-ingress"),
    stands: good,
    because: "the result is judged, whatever brought it about",
  },
  {
    tool,
    way: "edit",
    set: "good, then good with another port",
    before: good,
    play: (place) => edit(place, "backend", "8080", "8443"),
    succeeds: true,
    refused: [],
    stands: otherPort,
    because: "as patch",
  },
  {
    tool,
    way: "edit",
    set: "good, then without DNS",
    before: good,
    play: (place) => edit(place, "allow-dns", "k8s-app: kube-dns", "k8s-app: coredns"),
    succeeds: false,
    refused: ["patch allow-dns: missing-dns-egress"],
    stands: good,
    because: "what let DNS out would not any more",
  },
];

async function patch(place: Place, name: string, type: string, body: unknown): Promise<boolean> {
  return await kubectl(place, ["patch", "networkpolicy", name, "--type", type, "-p", JSON.stringify(body)]);
}
