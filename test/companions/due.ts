import type { Piece } from "#src/intent/purpose.ts";
import { readIntent } from "#src/intent/read.ts";
import { egressSpec } from "#src/intent/spec.ts";
import type { DueCompanions } from "#src/model/companions.ts";
import { nothingDue } from "#src/view/due-companions.ts";

export const allowDns: Piece = {
  purpose: "allow-dns",
  spec: egressSpec(undefined, [
    { to: [{ ipBlock: { cidr: "10.96.0.10/32" } }], ports: [{ protocol: "UDP", port: 53 }] },
  ]),
};

export const defaultDeny: Piece = {
  purpose: "default-deny",
  spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"], ingress: [], egress: [] },
};

/** Egress of all pods to a range. */
export function allow(purpose: string, cidr = "192.0.2.0/24"): Piece {
  return { purpose, spec: egressSpec(undefined, [{ to: [{ ipBlock: { cidr } }] }]) };
}

/** What an intent comes to that needs these. */
export function due(...pieces: readonly Piece[]): DueCompanions {
  const { value } = readIntent("denyAll: true");
  if (value === undefined) throw new Error("the intent cannot be read");
  return { ...nothingDue, intent: { source: "declared", intent: value }, pieces };
}
