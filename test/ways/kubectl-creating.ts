import type { Place } from "./place.ts";
import { apply, file, folder, kubectl } from "./kubectl.ts";
import { bad, denyFirst, denyWithDns, good, only, without, withoutDns } from "./sets.ts";
import { restricted, type Way } from "./way.ts";

const tool = "kubectl";

/** kubectl brings a set that is not there yet. */
export const kubectlCreating: readonly Way[] = [
  {
    tool,
    way: "apply -f FILE, then the same again",
    set: "good",
    play: async (place) => (await apply(place, good)) && (await apply(place, good)),
    succeeds: true,
    refused: [],
    stands: good,
    because: "DNS is let out before anything is isolated",
  },
  {
    tool,
    way: "apply -f FILE, with the Namespace in it",
    set: "good",
    makesNamespace: true,
    play: (place) => apply(place, [namespaceOf(place), ...good]),
    succeeds: true,
    refused: [],
    stands: good,
    because: "a namespace that has just been made is waited for",
  },
  {
    tool,
    way: "apply -f FOLDER",
    set: "good",
    play: async (place) => kubectl(place, ["apply", "-f", await folder(place, good)]),
    succeeds: true,
    refused: [],
    stands: good,
    because: "kubectl takes the files by name",
  },
  {
    tool,
    way: "apply --server-side",
    set: "good",
    play: (place) => apply(place, good, "--server-side"),
    succeeds: true,
    refused: [],
    stands: good,
    because: "as apply",
  },
  {
    tool,
    way: "create -f FILE",
    set: "good",
    play: async (place) => kubectl(place, ["create", "-f", await file(place, good)]),
    succeeds: true,
    refused: [],
    stands: good,
    because: "as apply",
  },
  {
    tool,
    way: "apply --dry-run=server",
    set: "good",
    play: (place) => apply(place, good, "--dry-run=server"),
    succeeds: true,
    refused: [],
    stands: [],
    because: "the DNS allow is not there on a dry run, so what it would cure warns",
  },
  {
    tool,
    way: "apply -f FILE",
    set: "good, deny first",
    play: (place) => apply(place, denyFirst),
    succeeds: false,
    refused: ["create 00-default-deny: missing-dns-egress"],
    stands: without(denyFirst, "00-default-deny"),
    because:
      "kubectl waits for each answer, so at that moment nothing lets DNS out; the text says to apply again",
  },
  {
    tool,
    way: "apply -f FILE, twice",
    set: "good, deny first",
    play: async (place) => {
      await apply(place, denyFirst);
      return await apply(place, denyFirst);
    },
    succeeds: true,
    refused: ["create 00-default-deny: missing-dns-egress"],
    stands: denyFirst,
    because: "the second run applies what the first one left out",
  },
  {
    tool,
    way: "apply -f FILE",
    set: "deny that lets DNS out",
    play: (place) => apply(place, denyWithDns),
    succeeds: true,
    refused: [],
    stands: denyWithDns,
    because: "one object isolates and lets DNS out: no order can go wrong",
  },
  {
    tool,
    way: "apply -f FILE",
    set: "bad",
    play: (place) => apply(place, bad),
    succeeds: false,
    refused: ["create monitoring: or-ed-selectors", "create postgres: allow-all-ingress"],
    stands: without(bad, "monitoring", "postgres"),
    because: "each refused policy breaks a rule by itself; the others of the file are applied",
  },
  {
    tool,
    way: "apply -f FILE, twice",
    set: "without DNS",
    play: async (place) => {
      await apply(place, withoutDns);
      return await apply(place, withoutDns);
    },
    succeeds: false,
    refused: ["backend", "default-deny", "frontend"].flatMap((name) =>
      Array<string>(2).fill(`create ${name}: missing-dns-egress`),
    ),
    stands: only(withoutDns, "monitoring", "postgres"),
    because: "what isolates egress would cut its pods off from DNS, however often it is applied",
  },
];

function namespaceOf({ namespace }: Place): object {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels: restricted } };
}
