import { describe, expect, it } from "vitest";
import { effectiveModes, modesReader, noLabels, sameModes, stricterModes } from "#src/model/modes.ts";
import { labelSet } from "#src/network/labels.ts";
import type { Profile } from "#src/model/profile.ts";
import { modes, settingsWith } from "../support/settings.ts";

const effective = (labels: Record<string, string>, settings = settingsWith()) =>
  effectiveModes(labelSet(labels), settings);
const floorOf = (profile: Profile) => ({ enforce: profile, warn: profile, audit: profile });

describe("effective modes", () => {
  it("are privileged and latest where nothing is said and nothing is configured", () => {
    expect(effective({})).toEqual({ modes: modes({}), unreadable: [] });
  });

  it("are what the labels say, each for itself", () => {
    const labels = {
      "ringfence.dev/enforce": "baseline",
      "ringfence.dev/enforce-version": "v1",
      "ringfence.dev/warn": "restricted",
      "ringfence.dev/patch": "baseline",
      "ringfence.dev/patch-version": "latest",
    };
    expect(effective(labels).modes).toEqual(
      modes({ enforce: "baseline", warn: "restricted", patch: "baseline" }, { enforce: "v1" }),
    );
  });

  it("are the defaults where a label is absent; a version without its profile pins the default", () => {
    const settings = settingsWith({
      defaults: modes({ enforce: "baseline", warn: "restricted" }, { warn: "v1" }),
    });
    expect(effective({ "ringfence.dev/enforce": "privileged" }, settings).modes).toEqual(
      modes({ warn: "restricted" }, { warn: "v1" }),
    );
    expect(effective({ "ringfence.dev/enforce-version": "v1" }, settings).modes.enforce).toEqual({
      profile: "baseline",
      version: "v1",
    });
  });

  it.each([
    ["basline", "v1"],
    ["Baseline", "latest"],
    ["", "latest"],
    ["constructor", "latest"],
    ["baseline", "v99"],
    ["baseline", "v0"],
    ["baseline", "1"],
    ["baseline", "v01"],
    ["privileged", "newest"],
  ])("%j at version %j cannot be read: restricted and latest, but patch is off", (profile, version) => {
    for (const mode of ["enforce", "warn", "audit", "patch"] as const) {
      const label = `ringfence.dev/${mode}`;
      const { modes: read, unreadable } = effective({ [label]: profile, [`${label}-version`]: version });
      const strict = { profile: mode === "patch" ? "privileged" : "restricted", version: "latest" };
      expect(read[mode]).toEqual(strict);
      expect(unreadable).toHaveLength(1);
    }
  });

  it("are raised to the floor, but for patch; defaults too", () => {
    const settings = settingsWith({ floor: floorOf("baseline") });
    const raised = modes({ enforce: "baseline", warn: "baseline", audit: "baseline" });
    expect(effectiveModes(noLabels, settings).modes).toEqual(raised);
    expect(effective({ "ringfence.dev/enforce": "privileged" }, settings).modes).toEqual(raised);
    expect(effective({ "ringfence.dev/enforce": "restricted" }, settings).modes.enforce.profile).toBe(
      "restricted",
    );
  });
});

describe("of two namespaces' modes", () => {
  const tight = modes({ enforce: "restricted", warn: "baseline" });
  const loose = modes({ enforce: "baseline", warn: "restricted" });

  it("the stricter is taken mode by mode", () => {
    const both = modes({ enforce: "restricted", warn: "restricted" });
    expect(stricterModes(tight, loose)).toEqual(both);
    expect(stricterModes(loose, tight)).toEqual(both);
  });

  it("of the same profile at two versions the newer version is the stricter", () => {
    const pinned = modes({ enforce: "baseline" }, { enforce: "v1" });
    const latest = modes({ enforce: "baseline" });
    expect(stricterModes(pinned, latest).enforce.version).toBe("latest");
    expect(stricterModes(latest, pinned).enforce.version).toBe("latest");
  });

  it("sameness is that of every profile and version", () => {
    expect(sameModes(tight, modes({ enforce: "restricted", warn: "baseline" }))).toBe(true);
    expect(sameModes(tight, loose)).toBe(false);
    expect(sameModes(tight, modes({ enforce: "restricted", warn: "baseline" }, { audit: "v1" }))).toBe(false);
  });
});

describe("a reader of modes", () => {
  const settings = settingsWith({});
  const labels = (enforce: string) => new Map([["ringfence.dev/enforce", enforce]]);

  it("reads what effectiveModes reads", () => {
    const read = modesReader();
    for (const set of [noLabels, labels("baseline"), labels("basline")])
      expect(read(set, settings)).toEqual(effectiveModes(set, settings).modes);
  });

  it("gives the very same modes to namespaces that ask the same", () => {
    const read = modesReader();
    const first = read(labels("baseline"), settings);
    expect(read(labels("baseline"), settings)).toBe(first);
    expect(read(labels("restricted"), settings)).not.toBe(first);
  });

  it("reads a label set again under other settings", () => {
    const read = modesReader();
    const set = labels("privileged");
    expect(read(set, settings).enforce.profile).toBe("privileged");
    const floor = { ...settings.floor, enforce: "baseline" as const };
    expect(read(set, settingsWith({ floor })).enforce.profile).toBe("baseline");
  });
});
