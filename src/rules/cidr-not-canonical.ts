// An ipBlock whose text kube-apiserver refuses where it validates strictly (from Kubernetes 1.36) and otherwise takes:
// with bits beyond its prefix, with leading zeros, or an IPv4 range written as IPv6. What it means depends on the reader.

import { z } from "zod";
import { looseCidr, type LooseCidr } from "../network/strict-cidr.ts";
import type { Budget } from "../network/budget.ts";
import { directions, rulesOf } from "../network/walk.ts";
import type { IPBlock, NetworkPolicyPeer } from "../wire/network-policy.ts";
import { defineRule } from "./shared/define-rule.ts";

export const cidrNotCanonical = defineRule({
  id: "cidr-not-canonical",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "CIDR that is not canonical",
    summary: "An ipBlock has bits beyond its prefix, leading zeros, or an IPv4 range in the form of IPv6.",
    why: "Such a range means one thing to kube-apiserver and may mean another to its author or to the network plugin. From Kubernetes 1.36 new ones are refused.",
    remediation: "Write the range in its plain form; for one address write /32, or /128 for IPv6.",
    references: [
      "https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec",
    ],
  },
  messages: {
    hostBits: {
      text: "{{cidr}} has bits set beyond its prefix: Kubernetes reads {{range}}, and only {{address}} may have been meant.",
      remedy: "Write: {{range}}, or for that one address: {{address}}",
      warning: "is read as {{range}}; write that, or {{address}}",
    },
    leadingZeros: {
      text: "{{cidr}} has leading zeros, which are decimal for Kubernetes and octal for other programs.",
      remedy: "Write: {{range}}",
      warning: "has leading zeros; write {{range}}",
    },
    mapped: {
      text: "{{cidr}} is an IPv4 range in the form of IPv6, which programs take for one or the other.",
      remedy: "Write: {{range}}",
      warning: "is IPv4 in the form of IPv6; write {{range}}",
    },
  },
  check(subject, { budget }) {
    const spec = subject.object?.spec;
    if (spec === undefined) return [];
    return rulesOf(spec, directions, holdsLoose, budget).flatMap(({ direction, peers, peersPath }) =>
      peers.flatMap(({ ipBlock }, peer) =>
        looseIn(ipBlock).map(({ cidr, field, loose }) => ({
          message: loose.fault,
          path: [...peersPath, peer, "ipBlock", ...field],
          key: `${direction} ${cidr}`,
          data: { cidr, range: loose.range, address: loose.address },
        })),
      ),
    );
  },
});

function holdsLoose(peers: readonly NetworkPolicyPeer[], _ports: unknown, budget: Budget): boolean {
  for (const { ipBlock } of peers) {
    if (ipBlock === undefined) continue;
    budget.tick();
    if (looseCidr(ipBlock.cidr) !== undefined) return true;
    for (const range of ipBlock.except ?? []) {
      budget.tick();
      if (looseCidr(range) !== undefined) return true;
    }
  }
  return false;
}

interface LooseField {
  readonly cidr: string;
  readonly field: readonly (string | number)[];
  readonly loose: LooseCidr;
}

function looseIn(block: IPBlock | undefined): readonly LooseField[] {
  if (block === undefined) return [];
  const written = [
    { cidr: block.cidr, field: ["cidr"] },
    ...(block.except ?? []).map((cidr, index) => ({ cidr, field: ["except", index] })),
  ];
  return written.flatMap(({ cidr, field }) => {
    const loose = looseCidr(cidr);
    return loose === undefined ? [] : [{ cidr, field, loose }];
  });
}
