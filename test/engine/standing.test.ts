import { describe, expect, test } from "vitest";
import { brokenRules, objectRules } from "#src/engine/standing.ts";
import type { LiveView } from "#src/view/live-view.ts";
import { rules } from "#src/rules/index.ts";
import type { NetworkPolicySpec } from "#src/wire/network-policy.ts";
import { judged } from "../support/judging.ts";
import { rule } from "../support/rules.ts";
import { settingsWith } from "../support/settings.ts";
import { compile, namespace as asked, namespaceSubject } from "../support/subjects.ts";
import { knownView, namespace, policy } from "../view/support.ts";

const settings = settingsWith({ operators: { users: new Set(), groups: new Set(["platform"]) } });

const ored: NetworkPolicySpec = {
  podSelector: {},
  policyTypes: ["Ingress"],
  ingress: [
    {
      from: [
        { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "a" } } },
        { podSelector: { matchLabels: { app: "b" } } },
      ],
    },
  ],
};

/** A view that inspects policies as the server does. */
function inspecting(policies: readonly (readonly [name: string, spec: NetworkPolicySpec])[]): LiveView {
  const view: LiveView = knownView(
    { namespaces: [namespace("shop")] },
    {
      inspect: (stored, compiled) =>
        brokenRules(stored, compiled, view, { rules: objectRules(rules), settings, expired: () => false }),
    },
  );
  for (const [name, spec] of policies) view.handlers.networkpolicies.upsert(policy("shop", name, spec));
  return view;
}

function relabelled(view: LiveView, before: Record<string, string>, after: Record<string, string>) {
  const subject = namespaceSubject({ operation: "UPDATE", object: asked(after), oldObject: asked(before) });
  return judged(subject, { rules, settings, after: view });
}

const enforce = { "ringfence.dev/enforce": "baseline" };

describe("a change of a namespace's mode labels", () => {
  test("names the policies that stand there and break a rule that begins to speak, and goes through", () => {
    const verdict = relabelled(inspecting([["wide", ored]]), {}, enforce);
    expect(verdict.allowed).toBe(true);
    expect(verdict.warnings).toEqual(["or-ed-selectors: 1 existing policy breaks it: wide"]);
  });

  test("counts the policies beyond the first five", () => {
    const many = ["a", "b", "c", "d", "e", "f", "g"].map((name) => [name, ored] as const);
    expect(relabelled(inspecting(many), {}, enforce).warnings).toEqual([
      "or-ed-selectors: 7 existing policies break it: a, b, c, d, e and 2 more",
    ]);
  });

  test("says which rules cannot answer beside policies of kinds that are not modelled", () => {
    const view = inspecting([]);
    const handler = view.unmodelled.follow({ group: "cilium.io", kind: "CiliumNetworkPolicy" }, "namespace");
    handler.replaceBegin();
    handler.upsert({ metadata: { namespace: "shop", name: "web" } });
    handler.replaceDone();
    expect(relabelled(view, {}, enforce).warnings).toEqual([
      "missing-dns-egress and 2 other rules: unknown here: the namespace holds CiliumNetworkPolicy (cilium.io), which is not judged yet",
    ]);
    expect(relabelled(view, enforce, { ...enforce, team: "a" }).warnings).toEqual([]);
  });

  test("says nothing of rules that spoke before, of a label that changes nothing, or of a policy that was mended", () => {
    const view = inspecting([["wide", ored]]);
    expect(relabelled(view, enforce, { ...enforce, team: "a" }).warnings).toEqual([]);
    expect(relabelled(view, enforce, { "ringfence.dev/enforce": "restricted" }).warnings).toEqual([]);
    view.handlers.networkpolicies.upsert(
      policy("shop", "wide", { podSelector: {}, policyTypes: ["Ingress"] }),
    );
    expect(relabelled(view, {}, enforce).warnings).toEqual([]);
  });

  test("forgets a policy that is gone", () => {
    const view = inspecting([["wide", ored]]);
    view.handlers.networkpolicies.remove(policy("shop", "wide", ored));
    expect(relabelled(view, {}, enforce).warnings).toEqual([]);
  });
});

test("a policy is inspected by the rules of the object alone", () => {
  const view = knownView();
  const stored = policy("shop", "dns", { podSelector: {}, policyTypes: ["Egress", "Egress"] });
  const found = brokenRules(stored, compile(stored), view, {
    rules: objectRules(rules),
    settings,
    expired: () => false,
  });
  expect(found).toEqual(["duplicate-policy-types"]);
});

test("rules that ask the view or look at the whole set inspect nothing", () => {
  const asked = [
    rule({ id: "alone" }),
    rule({ id: "of-the-view", needs: ["namespaces"] }),
    rule({ id: "of-the-set", judges: "set" }),
    rule({ id: "of-the-change", judges: "change" }),
  ];
  expect(objectRules(asked).rules.map(({ id }) => id)).toEqual(["alone"]);
});
