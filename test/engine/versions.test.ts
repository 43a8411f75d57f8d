// Two behaviours of one rule: which of them speaks is the namespace's choice, for each mode by itself.
import { describe, expect, it } from "vitest";
import type { Verdict } from "#src/model/verdict.ts";
import { judged } from "../support/judging.ts";
import { finding, rule } from "../support/rules.ts";
import { modes } from "../support/settings.ts";
import { policySubject } from "../support/subjects.ts";

const old = rule({ since: "v1", until: "v2", message: { text: "the old one.", warning: "the old one" } });
const now = rule({ since: "v2", message: { text: "the new one.", warning: "the new one" } });
const silent = rule({ since: "v1", until: "v2", check: () => [] });
const subject = policySubject();
const all = { enforce: "baseline", warn: "baseline" } as const;

const said = ({ message = "", warnings }: Verdict) => [message.match(/the (old|new) one/g), warnings];

describe("a rule of two versions", () => {
  it.each([
    ["v1", "old"],
    ["v2", "new"],
    ["latest", "new"],
  ] as const)("at %s speaks as the %s one, once", (version, which) => {
    const verdict = judged(subject, {
      rules: [now, old],
      modes: modes(all, { enforce: version, warn: version }),
    });
    expect(said(verdict)).toEqual([[`the ${which} one`], []]);
  });

  it("speaks as the configured one in a namespace that asks for no version", () => {
    const verdict = judged(subject, { rules: [now, old], modes: modes({ warn: "baseline" }) });
    expect(said(verdict)).toEqual([null, ["example at spec: the new one"]]);
  });

  it("denies by one and warns by the other", () => {
    const verdict = judged(subject, { rules: [now, silent], modes: modes(all, { enforce: "v1" }) });
    expect(verdict.allowed).toBe(true);
    expect(said(verdict)).toEqual([null, ["example at spec: the new one"]]);
  });

  it("does not warn of what it denies in another version", () => {
    const verdict = judged(subject, { rules: [now, old], modes: modes(all, { enforce: "v1" }) });
    expect(said(verdict)).toEqual([["the old one"], []]);
    const elsewhere = { ...now, check: () => [finding({ path: ["spec", "egress"] })] };
    const both = judged(subject, { rules: [elsewhere, old], modes: modes(all, { enforce: "v1" }) });
    expect(said(both)).toEqual([["the old one"], ["example at spec.egress: the new one"]]);
  });
});
