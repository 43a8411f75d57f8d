// An egress range that holds the address at which clouds give each machine its data and credentials, without an exception
// for it. Where workload identity is served there pods have to reach it, and nothing is said.

import { z } from "zod";
import { formatPath } from "../model/finding.ts";
import type { RuleContext } from "../model/rule.ts";
import type { PolicySubject } from "../model/subject.ts";
import type { Budget } from "../network/budget.ts";
import { addressText, parseAddress, type Address } from "../network/address.ts";
import { blockHolds, singleAddress } from "../network/cidr.ts";
import { dnsPorts, portsBesideDns } from "../network/dns-ports.ts";
import { compilePeer } from "../network/dialects/kubernetes.ts";
import { coversPorts } from "../network/ports.ts";
import { peersOf, type PeerAt } from "../network/walk.ts";
import type { JsonPatchOperation } from "../wire/json-patch.ts";
import type { NetworkPolicyPeer } from "../wire/network-policy.ts";
import { defineRule } from "./shared/define-rule.ts";
import { openingsOf } from "./shared/openings.ts";

const options = z.strictObject({
  addresses: z
    .array(z.string().refine((text) => parseAddress(text) !== undefined, { error: "must be an IP address" }))
    .min(1, { error: "must name an address" })
    .default(["169.254.169.254", "fd00:ec2::254", "fd20:ce::254"])
    .describe("The addresses at which the cloud serves instance metadata."),
  workloadIdentity: z
    .enum(["detect", "served", "none"])
    .default("detect")
    .describe(
      "Whether pods get an identity of their own at these addresses, so that they must reach them: served says nothing then, none looks at every range, detect asks nodes and the DaemonSets of kube-system.",
    ),
});
type Options = z.output<typeof options>;

export const metadataEndpointReachable = defineRule({
  id: "metadata-endpoint-reachable",
  profile: "restricted",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options,
  docs: {
    title: "Metadata endpoint reachable",
    summary: "An egress range holds the cloud's metadata address, and no except of it does.",
    why: "At that address a cloud gives whoever asks from a machine the machine's credentials. One request that an application can be made to send is enough to get them.",
    remediation: "Except the address from the range.",
    references: [
      "https://kubernetes.io/docs/concepts/security/cloud-native-security/",
      "https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html",
    ],
  },
  messages: {
    reachable: {
      text: "{{range}} holds {{addresses}}, where a cloud gives out the credentials of the machine.",
      remedy: "Add to {{place}}",
      warning: "{{range}} holds {{addresses}}, the cloud's metadata; except it",
    },
    itself: {
      text: "{{range}} is the address where a cloud gives out the credentials of the machine.",
      remedy:
        "Remove {{remove}}. If pods get their identity there, ask the operators to say so (rules.metadata-endpoint-reachable.workloadIdentity).",
      warning: "{{range}} is the cloud's metadata address; remove it",
    },
    unknown: {
      unknown: true,
      text: "{{range}} holds {{addresses}}; whether pods get their identity there is unknown ({{evidence}}).",
      remedy: "Say it in configuration: rules.metadata-endpoint-reachable.workloadIdentity.",
      warning: "{{range}} holds {{addresses}}; who answers there is unknown",
    },
  },
  check(subject, context) {
    const verdict = served(context);
    if (verdict === true) return [];
    return reachable(subject, context).map(({ at, held, opened }) => {
      const { cidr = "", except = [] } = at.peer.ipBlock ?? {};
      const ranges = held.map(({ address }) => singleAddress(address).text).join(", ");
      return {
        message: verdict === undefined ? ("unknown" as const) : messageOf(held),
        path: at.path,
        ...openingsOf(subject, "egress", [opened]),
        data: {
          range: cidr,
          addresses: held.map(({ address }) => addressText(address)).join(" and "),
          // A second `except` would replace the first.
          place: except.length > 0 ? `its except: ${ranges}` : `the ipBlock: except: [${ranges}]`,
          evidence: context.view.metadata.evidence,
          remove: formatPath(at.removable),
        },
      };
    });
  },
  fix: {
    class: "narrowing",
    warning: "the metadata address was appended to except",
    operations(subject, context) {
      if (served(context) !== false || context.view.metadata.gke) return [];
      const found = reachable(subject, context);
      const kept = openedAnyway(subject, found);
      return found
        .filter(({ opened }) => !kept.some((ports) => coversPorts(ports, opened.ports) === true))
        .flatMap(appendExcept);
    },
  },
});

/** Whether pods get their identity there; undefined: nobody can say. */
function served({ options: { workloadIdentity }, view }: RuleContext<Options>): boolean | undefined {
  return workloadIdentity === "detect" ? view.metadata.workloadIdentity : workloadIdentity === "served";
}

interface Held {
  readonly address: Address;
  /** The range is that address and no other, so that it cannot be an exception of it. */
  readonly whole: boolean;
}

/** Ranges that hold one of the addresses. On the ports of DNS nothing but names is asked for, as of Cloud DNS of GKE. */
function reachable(subject: PolicySubject, { options: { addresses }, view, budget }: RuleContext<Options>) {
  const spec = subject.object?.spec;
  if (spec === undefined) return [];
  const heads = addresses.map(headOf);
  const ranges = peersOf(spec, ["egress"], mayHold, { heads, budget });
  if (ranges.length === 0) return [];
  const wanted = addresses.map(parseAddress).filter((address) => address !== undefined);
  return ranges.flatMap((at) => {
    const block = compilePeer(at.peer);
    if (block?.kind !== "ipBlock") return [];
    const held = wanted
      .filter((address) => blockHolds(block, address))
      .map((address): Held => ({ address, whole: singleAddress(address).text === block.cidr.text }));
    if (held.length === 0) return [];
    const ports = portsBesideDns(at.rule.ports, dnsPorts(view.dns));
    // Metadata is served over HTTP; names of ports are those of pods, and no address outside has any.
    const none = ports !== "any" && ports.TCP.intervals.length === 0;
    return none ? [] : [{ at, held, opened: { peers: [block], ports } }];
  });
}

/**
 * Whether the range could hold an address that begins so; by its text alone, since lists of ranges are long and hardly
 * ever one does.
 */
function mayHold(
  { ipBlock }: NetworkPolicyPeer,
  { heads, budget }: { readonly heads: readonly string[]; readonly budget: Budget },
): boolean {
  budget.tick();
  if (ipBlock === undefined) return false;
  const { cidr } = ipBlock;
  const prefix = Number(cidr.slice(cidr.indexOf("/") + 1));
  const head = headOf(cidr);
  // Leading zeros, "::" and IPv4 written as IPv6 are left to those who read it at length.
  const isPlain = head !== "" && !head.startsWith("0") && !/ffff/i.test(cidr);
  return !isPlain || prefix < (cidr.includes(":") ? 16 : 8) || heads.includes(head);
}

/** The first number of an address. */
function headOf(text: string): string {
  return text.slice(0, text.search(/[.:]/)).toLowerCase();
}

/**
 * The ports on which the policy opens one of the addresses whatever is excepted: by a rule without peers, or by a range
 * that is the address itself. To except it elsewhere does nothing then.
 */
function openedAnyway({ compiled }: PolicySubject, found: ReturnType<typeof reachable>) {
  const toAnyone = (compiled?.egress ?? []).filter(({ peers }) => peers === "any");
  const asItself = found.filter(({ held }) => messageOf(held) === "itself");
  return [...toAnyone, ...asItself.map(({ opened }) => opened)].map(({ ports }) => ports);
}

function messageOf(held: readonly Held[]): "itself" | "reachable" {
  return held.some(({ whole }) => whole) ? "itself" : "reachable";
}

function appendExcept({
  at,
  held,
}: {
  readonly at: PeerAt;
  readonly held: readonly Held[];
}): JsonPatchOperation[] {
  const { cidr, except } = at.peer.ipBlock ?? {};
  if (cidr === undefined || messageOf(held) === "itself") return [];
  // An IPv4 range written as one of IPv6 takes no exception written as IPv4.
  if (held.some(({ address }) => (address.family === 6) !== cidr.includes(":"))) return [];
  const path = `/${[...at.path, "ipBlock"].join("/")}`;
  const ranges = held.map(({ address }) => singleAddress(address).text);
  const last = except?.at(-1);
  if (except === undefined || last === undefined) {
    return [
      { op: "test", path: `${path}/cidr`, value: cidr },
      { op: "add", path: `${path}/except`, value: ranges },
    ];
  }
  return [
    { op: "test", path: `${path}/cidr`, value: cidr },
    { op: "test", path: `${path}/except/${except.length - 1}`, value: last },
    ...ranges.map((value): JsonPatchOperation => ({ op: "add", path: `${path}/except/-`, value })),
  ];
}
