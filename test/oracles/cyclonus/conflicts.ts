import type { Direction } from "#src/wire/network-policy.ts";
import { single } from "./inputs.ts";
import type { Input } from "./inputs.ts";
import { dnsRule, labelled } from "./policies.ts";
import type { Draft, Rule } from "./policies.ts";

const source = { namespace: "x", podSelector: labelled("pod", "b") };
const destination = { namespace: "y", podSelector: labelled("pod", "c") };

/** What one direction of a policy may say: everything or nothing, plainly, by pods or by addresses. */
const says: Readonly<Record<string, readonly Rule[]>> = {
  "deny-all": [],
  "allow-all": [{}],
  "allow-all-pods": [{ peers: [{ namespaceSelector: {} }] }],
  "allow-all-addresses": [{ peers: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }],
  "deny-by-pods": [{ peers: [{ namespaceSelector: labelled("this-will-never-happen", "qrs123") }] }],
  "deny-by-addresses": [{ peers: [{ ipBlock: { cidr: "0.0.0.0/31" } }] }],
};

type Words = keyof typeof says;
type Target = Pick<Draft, "namespace" | "podSelector">;

function draft(target: Target, direction: Direction, words: Words): Draft {
  return { ...target, name: `${words}-${direction}`, [direction]: says[words] };
}

/** Two policies that pull at one connection, and each of the weaker denials alone. */
export function conflictCases(): readonly Input[] {
  const twice = [
    ["deny-all", "allow-all-pods"],
    ["deny-all", "allow-all-addresses"],
    ["deny-by-addresses", "allow-all-pods"],
    ["deny-by-pods", "allow-all-addresses"],
  ] as const;
  const both = (direction: Direction, target: Target) =>
    twice.map(([a, b]) =>
      conflict(`${direction}-${a},${b}`, draft(target, direction, a), draft(target, direction, b)),
    );
  const alone = (direction: Direction) =>
    ["deny-by-addresses", "deny-by-pods"].map((words) =>
      conflict(`${direction}-${words}`, draft(source, direction, words)),
    );
  return [
    conflict(
      "denied-by-source,allowed-by-destination",
      draft(source, "egress", "deny-all"),
      draft(destination, "ingress", "allow-all"),
    ),
    conflict(
      "allowed-by-source,denied-by-destination",
      draft(source, "egress", "allow-all"),
      draft(destination, "ingress", "deny-all"),
    ),
    conflict(
      "egress-deny-all,allow-all",
      draft(source, "egress", "deny-all"),
      draft(source, "egress", "allow-all"),
    ),
    conflict(
      "ingress-deny-all,allow-all",
      draft(destination, "ingress", "deny-all"),
      draft(destination, "ingress", "allow-all"),
    ),
    ...both("egress", source),
    // Of the same pod, as there.
    ...both("ingress", source),
    ...alone("egress"),
    ...alone("ingress"),
  ];
}

/** Where egress is isolated, DNS is let through besides. */
function conflict(name: string, ...drafts: readonly Draft[]): Input {
  const dns = drafts.some(({ egress }) => egress !== undefined)
    ? [{ ...source, name: "allow-dns", egress: [dnsRule] }]
    : [];
  return single(`conflicts/${name}`, ...drafts, ...dns);
}
