import { describe, expect, it } from "vitest";
import { whyNotExcused } from "#src/engine/excuses.ts";
import { rules } from "#src/rules/index.ts";
import { settingsWith } from "../support/settings.ts";
import { policy, policySubject } from "../support/subjects.ts";

const now = new Date("2026-06-30T18:00:00Z");

function noteOn(annotations: Record<string, string>, settings = settingsWith(), rule = "or-ed-selectors") {
  const subject = policySubject({ object: policy(undefined, { annotations }) });
  return whyNotExcused(rule, subject, settings, { known: rules, now });
}

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
