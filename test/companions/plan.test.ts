import { describe, expect, test } from "vitest";
import { planOf, type Plan } from "#src/companions/plan.ts";
import { otherCompanionName } from "#src/intent/companion.ts";
import { withoutDirection } from "#src/intent/desired.ts";
import type { Piece } from "#src/intent/purpose.ts";
import { specDigest } from "#src/intent/spec-digest.ts";
import type { DueCompanions } from "#src/model/companions.ts";
import type { StandingPolicy } from "#src/view/companion-index.ts";
import { allow, allowDns, defaultDeny, due } from "./due.ts";
import { nothingDue } from "#src/view/due-companions.ts";

const uid = "namespace-1";

function standing(piece: Piece, more: Partial<StandingPolicy> = {}): StandingPolicy {
  return {
    name: `ringfence-${piece.purpose}`,
    uid: "policy-1",
    resourceVersion: "1",
    labelled: true,
    namespaceUid: uid,
    terminating: false,
    isolatesEgress: piece.spec.policyTypes?.includes("Egress") === true,
    specDigest: specDigest(piece.spec),
    ...more,
  };
}

function plan(wanted: DueCompanions, ...policies: readonly StandingPolicy[]): Plan {
  return planOf(wanted, new Map(policies.map((policy) => [policy.name, policy])), uid);
}

const written = ({ writes }: Plan): string[] =>
  writes.map(({ wanted, standing: there }) => `${there === undefined ? "create" : "apply"} ${wanted.name}`);
const removed = ({ removals }: Plan): string[] => removals.map(({ name }) => name);

describe("what is to be written", () => {
  test("is what is due, in its order, and nothing where it stands", () => {
    const wanted = due(allowDns, defaultDeny, allow("allow-a"));
    expect(written(plan(wanted))).toEqual([
      "create ringfence-allow-dns",
      "create ringfence-default-deny",
      "create ringfence-allow-a",
    ]);
    const all = plan(wanted, standing(allowDns), standing(defaultDeny), standing(allow("allow-a")));
    expect([all.writes, all.removals]).toEqual([[], []]);
  });

  test("is what was edited, and what is of another namespace of this name or of none (a restored backup)", () => {
    const edited = standing(defaultDeny, { specDigest: "another" });
    const restored = standing(allowDns, { namespaceUid: undefined });
    const old = standing(allow("allow-a"), { namespaceUid: "namespace-0" });
    expect(written(plan(due(allowDns, defaultDeny, allow("allow-a")), edited, restored, old))).toEqual([
      "apply ringfence-allow-dns",
      "apply ringfence-default-deny",
      "apply ringfence-allow-a",
    ]);
  });

  test("R37: stands under its other name where somebody else's policy has the first; where both are taken it is not written", () => {
    const foreign = standing(defaultDeny, { labelled: false });
    const other = otherCompanionName("default-deny", uid);
    const one = plan(due(allowDns, defaultDeny), foreign);
    expect(written(one)).toEqual(["create ringfence-allow-dns", `create ${other}`]);
    expect(one.foreign).toEqual(["ringfence-default-deny"]);
    const two = plan(due(allowDns, defaultDeny, allow("allow-a")), foreign, { ...foreign, name: other });
    expect(written(two)).toEqual(["create ringfence-allow-dns", "create ringfence-allow-a"]);
    expect(two.blocked).toEqual([{ purpose: "default-deny", why: "foreign" }]);
  });

  test("takes its first name again when that is free, and then leaves the other", () => {
    const other = standing(defaultDeny, { name: otherCompanionName("default-deny", uid) });
    const both = plan(due(allowDns, defaultDeny), standing(allowDns), other);
    expect(written(both)).toEqual(["create ringfence-default-deny"]);
    expect(removed(both)).toEqual([other.name]);
  });

  test("closes nothing where the DNS cannot be opened", () => {
    const going = standing(allowDns, { terminating: true });
    expect(written(plan(due(allowDns, defaultDeny), going))).toEqual([]);
    const foreign = standing(allowDns, { labelled: false });
    const twice = { ...foreign, name: otherCompanionName("allow-dns", uid) };
    const blocked = plan(due(allowDns, defaultDeny), foreign, twice);
    expect([written(blocked), removed(blocked)]).toEqual([[], []]);
  });
});

describe("what is to be removed", () => {
  test("is ours, the default deny before the DNS, and nothing foreign", () => {
    const foreign = standing(allow("of-mine"), { labelled: false });
    const all = [standing(allowDns), standing(allow("allow-a")), standing(defaultDeny), foreign];
    expect(removed(plan(nothingDue, ...all))).toEqual([
      "ringfence-allow-a",
      "ringfence-default-deny",
      "ringfence-allow-dns",
    ]);
  });

  test("is what a backup brought only where the namespace says what it needs", () => {
    const restored = standing(allow("allow-old"), { namespaceUid: "namespace-0" });
    expect(removed(plan(due(allowDns, defaultDeny), restored))).toEqual(["ringfence-allow-old"]);
    expect(removed(plan(nothingDue, restored))).toEqual([]);
    expect(removed(plan({ ...due(), excluded: "exempt" }, restored))).toEqual([]);
  });

  test("R38: is ours in a namespace that became exempt", () => {
    expect(removed(plan({ ...due(), excluded: "exempt" }, standing(defaultDeny)))).toEqual([
      "ringfence-default-deny",
    ]);
  });

  test("is nothing where the intent cannot be read", () => {
    const unreadable: DueCompanions = {
      ...nothingDue,
      intent: { source: "unreadable", faults: ["1:1: no"] },
    };
    const edited = standing(defaultDeny, { specDigest: "another" });
    expect(plan(unreadable, standing(allowDns), edited)).toMatchObject({ writes: [], removals: [] });
  });

  describe("while it is not known where the DNS is", () => {
    const within: Piece = {
      purpose: "allow-intra-namespace",
      spec: {
        ...defaultDeny.spec,
        ingress: [{ from: [{ podSelector: {} }] }],
        egress: [{ to: [{ podSelector: {} }] }],
      },
    };
    const asked = [defaultDeny, within, allow("allow-out")];
    const unknown: DueCompanions = {
      ...due(...asked.flatMap((piece) => withoutDirection(piece, "Egress"))),
      asked,
      unmet: [{ key: "allowDNS", why: "nobody knows" }],
    };

    test("is not what is closed, nor what is allowed besides, nor the DNS", () => {
      const stands = plan(unknown, ...[allowDns, ...asked].map((piece) => standing(piece)));
      expect([written(stands), removed(stands)]).toEqual([[], []]);
      const edited = standing(within, { specDigest: "another" });
      const repaired = plan(unknown, standing(allowDns), standing(defaultDeny), edited);
      expect(written(repaired)).toEqual([
        "apply ringfence-allow-intra-namespace",
        "create ringfence-allow-out",
      ]);
      expect(repaired.writes.map(({ wanted }) => wanted.spec)).toEqual([
        within.spec,
        allow("allow-out").spec,
      ]);
    });

    test("is what is asked for no more", () => {
      const stands = [allowDns, ...asked, allow("allow-old")].map((piece) => standing(piece));
      expect(removed(plan(unknown, ...stands))).toEqual(["ringfence-allow-old"]);
    });

    test("egress that is open stays open, and ingress that is held back", () => {
      const [deny, inside] = plan(unknown).writes;
      expect([deny?.wanted.spec.policyTypes, inside?.wanted.spec.policyTypes]).toEqual([
        ["Ingress"],
        ["Ingress"],
      ]);
      const held = { ...unknown, heldBack: [{ direction: "ingress" as const, why: "it is called" }] };
      const types = plan(held, standing(defaultDeny, { specDigest: "another" })).wanted.map(
        ({ spec }) => spec.policyTypes,
      );
      expect(types).toEqual([["Egress"], ["Egress"], ["Egress"]]);
    });

    test("is not what was opened on demand", () => {
      const onDemand = { ...nothingDue, unmet: unknown.unmet };
      expect(removed(plan(onDemand, standing({ ...allowDns, purpose: "allow-dns-0a1b2c" })))).toEqual([]);
    });
  });

  test("is not what opens the API server while nobody knows where that is", () => {
    const unknown: DueCompanions = {
      ...due(allowDns, defaultDeny),
      unmet: [{ key: "allowKubeAPI", why: "nobody knows" }],
    };
    const stands = [allowDns, defaultDeny, allow("allow-kube-api"), allow("allow-old")];
    expect(removed(plan(unknown, ...stands.map((piece) => standing(piece))))).toEqual([
      "ringfence-allow-old",
    ]);
  });
});
