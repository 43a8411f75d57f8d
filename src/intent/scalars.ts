import { z } from "zod";
import { labelKey, labelValue } from "../document/kubernetes-names.ts";
import { parseAddress } from "../network/address.ts";
import { parseCidr, singleAddress } from "../network/cidr.ts";
import { protocols } from "../network/ports.ts";
import type { NetworkPolicyPort } from "../wire/network-policy.ts";

/** Labels that pods have; they may have more. */
export type PodLabels = Readonly<Record<string, string>>;

/** `{ app: frontend }`. To mean all pods one leaves it out: an empty one is rather a slip. */
export const podLabels = z.preprocess(
  (value, context) => {
    if (isSelector(value)) {
      context.addIssue("must be labels themselves, as { app: web }, without matchLabels or podSelector");
      return z.NEVER;
    }
    // A record of zod's passes it over without a word, and other pods would be meant than those that are written.
    if (typeof value === "object" && value !== null && Object.hasOwn(value, "__proto__")) {
      context.addIssue("must be label keys, such as app; __proto__ is none");
    }
    return value;
  },
  z.record(labelKey, labelValue).refine((labels) => Object.keys(labels).length > 0, {
    error: "must name a label; leave it out where all pods are meant",
  }),
);

/** As it stands in policies, where people know it from. */
function isSelector(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(
    ([key, inner]) =>
      ["matchLabels", "matchExpressions", "podSelector"].includes(key) && typeof inner === "object",
  );
}

/** A range of addresses in its canonical spelling: kube-apiserver warns of others, and means to refuse them. */
export const cidr = z.string().superRefine((text, context) => {
  const fault = faultOfRange(text);
  if (fault !== undefined) context.addIssue(fault);
});

function faultOfRange(text: string): string | undefined {
  const range = parseCidr(text);
  if (range?.text === text) return undefined;
  const [host = "", prefix] = text.split("/");
  const address = parseAddress(host);
  if (range === undefined || address === undefined) {
    return address !== undefined && prefix === undefined
      ? `is one address; as a range it is ${singleAddress(address).text}`
      : "must be a range of addresses such as 10.0.5.0/24 or 2001:db8::/32";
  }
  if (range.base === address.value) return `must be written ${range.text}`;
  return `has bits behind the prefix; write ${range.text}, or ${singleAddress(address).text} for that one address`;
}

/** Items that a list may have: each may become two policies, which every node's network plugin keeps. */
const mostItems = 256;

/** A list that is not too long to be judged within a request. */
export function atMost<T extends z.ZodType>(items: z.ZodArray<T>): z.ZodArray<T> {
  return items.max(mostItems, { error: `has more than ${mostItems} items` });
}

const number = "[1-9][0-9]{0,4}";
// As kube-apiserver takes it: at most 15 characters, no two hyphens in a row.
const name = "(?!.*--)[a-z0-9](?:[-a-z0-9]{0,13}[a-z0-9])?";
const pattern = new RegExp(`^(?:(${number})(?:-(${number}))?|(${name}))(?:/(${protocols.join("|")}))?$`);
const highest = 65_535;

/** `8080/TCP`, `8080`, `8000-8100/TCP`, `dns/UDP`, `metrics`: TCP where no protocol is named. */
const port = z
  .preprocess((value) => (typeof value === "number" ? String(value) : value), z.string())
  .meta({ type: ["string", "integer"] })
  .transform((text, context): NetworkPolicyPort => {
    const read = parsePort(text);
    if (read !== undefined) return read;
    context.addIssue("must be a port such as 8080/TCP, 53/UDP, 8000-8100/TCP, or a container port's name");
    return z.NEVER;
  });

function parsePort(text: string): NetworkPolicyPort | undefined {
  const [, from, to, named, protocol = "TCP"] = pattern.exec(text) ?? [];
  if (named !== undefined) return /[a-z]/.test(named) ? { protocol, port: named } : undefined;
  const first = Number(from);
  const last = to === undefined ? first : Number(to);
  // Without a match both are no numbers, for which this is false.
  if (!(first <= last && last <= highest)) return undefined;
  return { protocol, port: first, ...(last > first && { endPort: last }) };
}

const numberedPort = port.refine((given) => typeof given.port === "number", {
  error: "names a container's port, which addresses outside of the cluster do not have; write its number",
});

/** The same where what answers is no pod. */
export const numberedPorts = atMost(z.array(numberedPort)).min(1, {
  error: "must name a port; leave it out where all are meant",
});

/** At least one port; without the key every port is meant. */
export const ports = atMost(z.array(port)).min(1, {
  error: "must name a port; leave it out where all are meant",
});
