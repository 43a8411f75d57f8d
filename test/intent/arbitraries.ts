// Random intents in their long forms, as the naive reading has them.
import { fc } from "@fast-check/vitest";
import { stringify } from "yaml";
import type { Intent } from "#src/intent/keys.ts";
import { readIntent } from "#src/intent/read.ts";
import type { NaiveIntent } from "./naive.ts";
import { tenantKey } from "./world.ts";

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq: 2 });

const app = fc.constantFrom("frontend", "backend", "postgres");
const labels = fc.oneof(
  { weight: 4, arbitrary: app.map((name): Record<string, string> => ({ app: name })) },
  { weight: 1, arbitrary: app.map((name) => ({ app: name, tier: name === "frontend" ? "web" : "back" })) },
);
const pods = maybe(labels);
const ports = maybe(
  fc.uniqueArray(
    fc.constantFrom("8080/TCP", "metrics", "http/TCP", "53/UDP", "5432", "5000-9000/TCP", "1-60/UDP"),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
);
const numbered = maybe(fc.constantFrom(["5432/TCP", "53/UDP"], ["1-65535/TCP"], ["53/TCP"], ["443"]));
const namespaceName = fc.constantFrom("billing", "data", "monitoring", "kube-system");

interface Ranges {
  readonly cidr: string;
  readonly except?: readonly string[] | undefined;
}
/** Each with what may be excepted of it. */
const ranges = (of: Readonly<Record<string, readonly string[]>>): fc.Arbitrary<Ranges> =>
  fc
    .constantFrom(...Object.entries(of))
    .chain(([cidr, within]) =>
      fc.record({ cidr: fc.constant(cidr), except: maybe(fc.subarray([...within])) }),
    );
const privateRanges = ranges({
  "10.0.5.0/24": ["10.0.5.9/32"],
  "10.0.0.0/16": ["10.0.5.0/24", "10.0.6.0/24"],
  "10.0.0.0/8": ["10.0.0.0/16", "10.1.2.0/24"],
  "fd00::/16": ["fd00:5::/32"],
});
const anyRanges = fc.oneof(
  privateRanges,
  ranges({
    "203.0.113.0/24": ["203.0.113.7/32"],
    "0.0.0.0/0": ["10.0.0.0/8", "8.0.0.0/8", "169.254.169.254/32"],
    "8.0.0.0/8": [],
    "::/0": ["fd00::/16"],
  }),
);

const end = fc.oneof(
  labels.map((given) => ({ pods: given })),
  fc.record({ namespace: namespaceName, pods }),
);

const direction = {
  both: fc.constant({ ingress: true, egress: true }),
  ingress: fc.constant({ ingress: true, egress: false }),
  egress: fc.constant({ ingress: false, egress: true }),
};
const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { maxLength: 3 });

const ofIngress = {
  allowIngressFromIngress: maybe(fc.record({ to: pods, ports })),
  allowMonitoring: maybe(fc.record({ to: pods, ports })),
  allowIngressFromNamespaces: list(fc.record({ namespace: namespaceName, pods, to: pods, ports })),
  allowIngressFromCIDRs: list(
    fc.tuple(anyRanges, fc.record({ to: pods, ports })).map(([range, item]) => ({ ...range, ...item })),
  ),
};
const toRanges = (within: fc.Arbitrary<Ranges>) =>
  list(
    fc
      .tuple(within, fc.record({ from: pods, ports: numbered }))
      .map(([range, item]) => ({ ...range, ...item })),
  );
const ofEgress = {
  allowDNS: maybe(fc.boolean()),
  allowEgressToNamespaces: list(fc.record({ namespace: namespaceName, pods, from: pods, ports })),
  allowKubeAPI: maybe(fc.record({ from: pods })),
};
/** The way to the internet is the proxy's or free. */
const way = fc.oneof(
  fc.record({ allowEgressToCIDRs: toRanges(anyRanges) }),
  fc.record({ allowEgressToCIDRs: toRanges(privateRanges), egressProxy: fc.record({ from: pods }) }),
);
const ofBoth = {
  allowIntraNamespace: fc.boolean(),
  tenant: maybe(fc.constant(tenantKey)),
  connections: list(
    fc
      .record({ from: end, to: end, ports })
      .filter(({ from, to }) => !("namespace" in from) || !("namespace" in to)),
  ),
};

/** Every key in every form; long forms, nothing undefined. */
export const intents: fc.Arbitrary<NaiveIntent> = fc
  .oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(fc.record({ denyAll: maybe(direction.both), ...ofIngress, ...ofEgress, ...ofBoth }), way)
        .map(([intent, more]): object => ({ ...intent, ...more })),
    },
    // What is open in so many words is not allowed anything.
    {
      weight: 1,
      arbitrary: fc.record({
        denyAll: direction.ingress,
        ...ofIngress,
        ...ofBoth,
        allowDNS: ofEgress.allowDNS,
      }),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.record({ denyAll: direction.egress, ...ofEgress, ...ofBoth }), way)
        .map(([intent, more]): object => ({ ...intent, ...more })),
    },
  )
  // What is undefined is left out, as in YAML.
  .map((intent) => JSON.parse(JSON.stringify(intent)) as NaiveIntent);

/** As people write it: ends in the namespace itself by their labels alone. */
export function written({ connections = [], ...intent }: NaiveIntent): object {
  const short = (given: { namespace?: string; pods?: object }): object | undefined =>
    given.namespace === undefined ? given.pods : given;
  return {
    ...intent,
    connections: connections.map(({ from, to, ...edge }) => ({ ...edge, from: short(from), to: short(to) })),
  };
}

/** The text of the annotation, read; throws where it is refused. */
export function readText(text: string): Intent {
  const { value, flaws } = readIntent(text);
  if (flaws !== undefined) throw new Error(`${flaws.map(({ text: says }) => says).join("\n")}\n${text}`);
  return value;
}

export function read(intent: object): Intent {
  return readText(stringify(intent, { aliasDuplicateObjects: false }));
}
