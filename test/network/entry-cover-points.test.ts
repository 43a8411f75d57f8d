// Covered entries and ceilings against brute force: a universe in which every point can be enumerated. Subjects,
// namespaces and pods of one label each, addresses of four ranges and of another family, a few ports, and two names with
// every number that they can stand for.
import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { expect } from "vitest";
import { workBudget } from "#src/network/budget.ts";
import { parseAddress } from "#src/network/address.ts";
import { openingCovered } from "#src/network/entry-cover.ts";
import type { Opening } from "#src/network/opening.ts";
import type { LabelSet } from "#src/network/labels.ts";
import { union } from "#src/network/policy-set.ts";
import type { NamedPort } from "#src/network/ports.ts";
import { entryOpens } from "#src/network/reachability.ts";
import type { Target } from "#src/network/reachability.ts";
import { matches, namespaceNameLabel } from "#src/network/selector.ts";
import type { LabelSelector } from "#src/wire/meta.ts";
import type { NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from "#src/wire/network-policy.ts";
import { namespaceLabels, policy, shop } from "./cluster.ts";

const context = (steps = 100_000) => ({
  own: { name: "shop", labels: namespaceLabels("shop", { team: "a" }) },
  budget: workBudget(steps),
});

const selector = (key: string): fc.Arbitrary<LabelSelector> =>
  fc.constantFrom<LabelSelector>(
    {},
    { matchLabels: { [key]: "a" } },
    { matchExpressions: [{ key, operator: "NotIn", values: ["a"] }] },
    { matchExpressions: [{ key, operator: "Exists" }] },
    { matchExpressions: [{ key, operator: "DoesNotExist" }] },
  );
const peer: fc.Arbitrary<NetworkPolicyPeer> = fc.oneof(
  fc.record({ podSelector: selector("app") }),
  fc.record({ namespaceSelector: selector("team"), podSelector: selector("app") }),
  fc.constantFrom<NetworkPolicyPeer>(
    { ipBlock: { cidr: "0.0.0.0/1" } },
    { ipBlock: { cidr: "128.0.0.0/1" } },
    { ipBlock: { cidr: "0.0.0.0/0", except: ["64.0.0.0/2"] } },
    { ipBlock: { cidr: "0.0.0.0/0" } },
  ),
);
const port: fc.Arbitrary<NetworkPolicyPort> = fc.oneof(
  fc.record({ port: fc.integer({ min: 1, max: 3 }) }),
  fc.constant({ port: 1, endPort: 2 }),
  fc.record({ port: fc.constantFrom("web", "pg") }),
);
const rule = fc.record(
  {
    to: fc.array(peer, { minLength: 1, maxLength: 2 }),
    ports: fc.array(port, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: [] },
);
const spec: fc.Arbitrary<NetworkPolicySpec> = fc
  .tuple(selector("run"), rule)
  .map(([podSelector, one]) => ({ podSelector, policyTypes: ["Egress"], egress: [one] }));
const question = fc.tuple(spec, fc.array(spec, { maxLength: 4 }));

function openingsOf(specs: readonly NetworkPolicySpec[]): readonly Opening[] {
  const set = shop(...specs.map((one, i) => policy(`p${i}`, one)));
  return union(set, "egress").map(({ policy: { subject }, entry }) => ({ subject, entry }));
}

function asked([own, others]: readonly [NetworkPolicySpec, readonly NetworkPolicySpec[]]) {
  const [opening] = openingsOf([own]);
  if (opening === undefined) throw new Error("no entry");
  return { opening, by: openingsOf(others) };
}

const states = ["a", "b", undefined];
const numbers = [1, 2, 3, 4];
const podNames: readonly (readonly NamedPort[])[] = [undefined, ...numbers].flatMap((web) =>
  [undefined, ...numbers].map((pg) =>
    Object.entries({ web, pg }).flatMap(([name, number]) =>
      number === undefined ? [] : [{ name, protocol: "TCP", port: number }],
    ),
  ),
);
const one = (key: string, value: string | undefined): LabelSet =>
  new Map(value === undefined ? [] : [[key, value]]);
/** The own namespace carries team=a; others carry anything. */
const namespaces = [["shop", "a"] as const, ...states.map((value) => ["other", value] as const)];
const pods: readonly Target[] = namespaces.flatMap(([name, value]) =>
  states.map((app) => ({
    pod: {
      namespace: { name, labels: new Map([...one("team", value), [namespaceNameLabel, name]]) },
      labels: one("app", app),
      hostNetwork: false,
    },
    addresses: [],
  })),
);
const outside: readonly Target[] = ["1.0.0.0", "65.0.0.0", "129.0.0.0", "200.0.0.0", "::1"].map((text) => {
  const address = parseAddress(text);
  return { pod: undefined, addresses: address === undefined ? [] : [address] };
});

/** Every subject, other side, and way to resolve the names. */
function* pairs() {
  for (const run of states.map((value) => one("run", value))) {
    for (const target of [...pods, ...outside]) {
      yield podNames.map((named) => [...numbers, 70].map((number) => ({ run, target, number, named })));
    }
  }
}
type Point = ReturnType<typeof pairs> extends Generator<(infer P)[][]> ? P : never;

/** Whether the opening opens this point, selectors and ranges told apart as the question does. */
function opens({ subject, entry }: Opening, { run, target, number, named }: Point): boolean {
  if (!matches(subject, run)) return false;
  const kind = target.pod === undefined ? "ipBlock" : "pods";
  const peers = entry.peers === "any" ? entry.peers : entry.peers.filter((each) => each.kind === kind);
  const at = { protocol: "TCP", port: number, named } as const;
  // As of ingress: in this question a name counts for ranges as well, on both sides.
  return entryOpens({ ...entry, peers }, "shop", target, at, "ingress") === true;
}

test.prop([question], { numRuns: 300 })(
  "covered and not covered hold at every point; unknown only where names decide",
  (given) => {
    const { opening, by } = asked(given);
    const answer = openingCovered(opening, by, context());
    const isMore = (point: Point): boolean =>
      opens(opening, point) && !by.some((other) => opens(other, point));
    let uncovered = false;
    // Between the same two, whatever the names stand for.
    let always = false;
    for (const ways of pairs()) {
      const more = ways.map((way) => way.some(isMore));
      uncovered ||= more.includes(true);
      always ||= !more.includes(false);
    }
    // No peers are more than all pods and addresses, no ports more than all numbers.
    const more = opening.entry.peers === "any" || opening.entry.ports === "any";
    if (answer === true) expect(uncovered).toBe(false);
    if (answer === false && !more) expect(uncovered).toBe(true);
    if (answer === false && !more && !JSON.stringify(given[0]).includes('"port":"'))
      expect(always).toBe(true);
    if (answer === undefined) expect(JSON.stringify(given)).toMatch(/"port":"/);
  },
);

test.prop([question, fc.nat(60)])("a small budget makes it unknown and never wrong", (given, steps) => {
  const { opening, by } = asked(given);
  expect([undefined, openingCovered(opening, by, context())]).toContain(
    openingCovered(opening, by, context(steps)),
  );
});

test.prop([question])("the order of the others does not matter", (given) => {
  const { opening, by } = asked(given);
  const turned = openingCovered(opening, [...by].reverse(), context());
  expect(turned).toBe(openingCovered(opening, by, context()));
});
