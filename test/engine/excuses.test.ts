import { describe, expect, it } from "vitest";
import { mayBeExcused, whyNotExcused } from "#src/engine/excuses.ts";
import { rules } from "#src/rules/index.ts";
import { settingsWith } from "../support/settings.ts";
import { policy, policySubject } from "../support/subjects.ts";

const now = new Date("2026-06-30T18:00:00Z");

function noteOn(annotations: Record<string, string>, settings = settingsWith(), rule = "or-ed-selectors") {
  const subject = policySubject({ object: policy(undefined, { annotations }) });
  const note = whyNotExcused(rule, subject, settings, { known: rules, now });
  // Who has a note is never passed over.
  if (note !== undefined) expect(mayBeExcused(rule, subject, settings)).toBe(true);
  return note;
}

describe("whether there is anything to look at", () => {
  const rule = "or-ed-selectors";
  const bearing = (annotations: Record<string, string>) =>
    policySubject({ object: policy(undefined, { annotations }) });
  const excepted = (of: string) =>
    settingsWith({ exceptions: [{ rule: of, namespace: "shop", policies: "*", reason: "r" }] });

  it("a waiver, of whatever rule, and an exception for the rule", () => {
    expect(mayBeExcused(rule, bearing({ "waive.ringfence.dev/or-ed-selectors": "r" }), settingsWith())).toBe(
      true,
    );
    expect(mayBeExcused(rule, bearing({ a: "b", "waive.ringfence.dev/x": "r" }), settingsWith())).toBe(true);
    expect(mayBeExcused(rule, bearing({}), excepted(rule))).toBe(true);
  });

  it("on deletion what the old object bears counts", () => {
    const old = policy(undefined, { annotations: { "waive.ringfence.dev/or-ed-selectors": "r" } });
    const deletion = policySubject({ operation: "DELETE", object: undefined, oldObject: old });
    expect(mayBeExcused(rule, deletion, settingsWith())).toBe(true);
  });

  it("nothing: annotations of others, exceptions for other rules", () => {
    expect(mayBeExcused(rule, bearing({ "kubectl.kubernetes.io/restartedAt": "now" }), settingsWith())).toBe(
      false,
    );
    expect(mayBeExcused(rule, bearing({}), excepted("allow-all-egress"))).toBe(false);
    expect(mayBeExcused(rule, policySubject(), settingsWith())).toBe(false);
  });
});

describe("what looks like an excuse and is none is told", () => {
  it("a waiver that does not count", () => {
    expect(noteOn({ "waive.ringfence.dev/or-ed-selectors": "because" })).toBe(
      "The waiver on this object does not count: configuration does not permit waivers of this rule.",
    );
  });

  it.each([
    "waive.ringfence.dev/or-ed-selector",
    "waiver.ringfence.dev/or-ed-selectors",
    "ringfence.dev/or-ed-selectors",
  ])("an annotation that may have been meant as one: %s", (key) => {
    const note = `The annotation ${key} is no waiver of any rule; did you mean waive.ringfence.dev/or-ed-selectors?`;
    expect(noteOn({ [key]: "because" })).toBe(note);
  });

  it("an exception whose last day has passed, and only then", () => {
    const exception = { rule: "or-ed-selectors", namespace: "shop", policies: "ap*", reason: "r" };
    const until = (day: string) => settingsWith({ exceptions: [{ ...exception, until: day }] });
    expect(noteOn({}, until("2026-06-29"))).toBe(
      "An exception for this policy has expired: it was valid until 2026-06-29.",
    );
    expect(noteOn({}, until("2026-06-30"))).toBeUndefined();
    expect(noteOn({}, until("2026-06-29"), "allow-all-egress")).toBeUndefined();
  });

  it("nothing where nothing is near: no annotation, another rule's, one that names a rule", () => {
    expect(noteOn({})).toBeUndefined();
    expect(
      noteOn({ "waive.ringfence.dev/allow-all-egress": "r", "example.com/or-ed-selectors": "r" }),
    ).toBeUndefined();
    expect(noteOn({ "waive.ringfence.dev/constructor": "r", "waive.ringfence.dev/": "r" })).toBeUndefined();
  });

  it("a waiver that counts needs no word, whatever stands beside it", () => {
    const annotations = {
      "waive.ringfence.dev/or-ed-selectors": "r",
      "waive.ringfence.dev/or-ed-selector": "r",
    };
    expect(noteOn(annotations, settingsWith({ waivable: new Set(["or-ed-selectors"]) }))).toBeUndefined();
  });
});
