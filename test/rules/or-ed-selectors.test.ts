import { expect, it } from "vitest";
import { orEdSelectors } from "#src/rules/or-ed-selectors.ts";
import type { NetworkPolicy, NetworkPolicyPeer } from "#src/wire/network-policy.ts";
import { judged } from "../support/judging.ts";
import { policy, policySubject } from "../support/subjects.ts";

/** One rule that holds so many namespace items and so many pod items. */
function listed(length: number) {
  const from = Array.from({ length }, (_, index): NetworkPolicyPeer[] => [
    { namespaceSelector: { matchLabels: { team: `n${index}` } } },
    { podSelector: { matchLabels: { app: `p${index}` } } },
  ]);
  return policy({ podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from: from.flat() }] });
}

it("thousands of OR-ed items are judged in time that grows with them, and the text stays readable", () => {
  const { allowed, message } = judged(policySubject({ object: listed(20_000) }), { rules: [orEdSelectors] });
  expect(allowed).toBe(false);
  expect(message).toContain("team=n4 or 19995 more (now not counted) OR pods app=p0 or app=p1");
  expect(message).toContain("Either one: write two rules.");
});

it.each([3, 300])("of %d OR-ed items one may go and none may come", (length) => {
  const update = (object: NetworkPolicy, oldObject: NetworkPolicy) =>
    judged(policySubject({ operation: "UPDATE", object, oldObject }), { rules: [orEdSelectors] }).allowed;
  expect(update(listed(length), listed(length + 1))).toBe(true);
  expect(update(listed(length + 1), listed(length))).toBe(false);
});
