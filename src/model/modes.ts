import { labelSet, type LabelSet } from "../network/labels.ts";
import type { Modes, ModeName, Profile, ProfileAt } from "./profile.ts";
import {
  atLeast,
  modeLabel,
  modeNames,
  parseProfile,
  parseVersion,
  stricter,
  versionLabel,
  versionRank,
} from "./profile.ts";
import type { Settings } from "./settings.ts";

export interface EffectiveModes {
  readonly modes: Modes;
  /** Labels that stand on the namespace and cannot be read; they count as the strictest, and are reported. */
  readonly unreadable: readonly string[];
}

type ModeSettings = Pick<Settings, "defaults" | "floor">;

/**
 * What a namespace's labels come to. Absent: the configured default. Below the floor: the floor. Unreadable: restricted
 * and latest for enforce, warn and audit, off for patch (as Pod Security Admission treats labels it cannot parse).
 */
export function effectiveModes(labels: LabelSet, settings: ModeSettings): EffectiveModes {
  const unreadable: string[] = [];
  const read = (mode: ModeName): ProfileAt => {
    const fallback = settings.defaults[mode];
    const profileText = labels.get(modeLabel(mode));
    const versionText = labels.get(versionLabel(mode));
    const profile = profileText === undefined ? fallback.profile : parseProfile(profileText);
    const version = versionText === undefined ? fallback.version : parseVersion(versionText);
    if (profile === undefined) unreadable.push(modeLabel(mode));
    if (version === undefined) unreadable.push(versionLabel(mode));
    if (profile === undefined || version === undefined) return strictest(mode);
    return { profile: raised(mode, profile, settings), version };
  };
  const modes = { enforce: read("enforce"), warn: read("warn"), audit: read("audit"), patch: read("patch") };
  return { modes, unreadable };
}

/** Reads modes as effectiveModes does, and gives the very same object for what comes to the same. */
export type ReadModes = (labels: LabelSet, settings: ModeSettings) => Modes;

/**
 * A reader for every request's namespace: what a label set came to is known as long as the label set lives, until the
 * settings change. There are few different modes in a cluster, so what depends on them alone can be kept by them.
 */
export function modesReader(): ReadModes {
  let of: ModeSettings | undefined;
  let byLabels = new WeakMap<LabelSet, Modes>();
  const byText = new Map<string, Modes>();
  return (labels, settings) => {
    if (settings !== of) {
      of = settings;
      byLabels = new WeakMap();
      byText.clear();
    }
    const known = byLabels.get(labels);
    if (known !== undefined) return known;
    const { modes } = effectiveModes(labels, settings);
    const text = modeNames.map((mode) => `${modes[mode].profile} ${modes[mode].version}`).join(", ");
    const shared = byText.get(text) ?? modes;
    byText.set(text, shared);
    byLabels.set(labels, shared);
    return shared;
  };
}

/** The same for labels as they stand in a Namespace's metadata. */
export function modesOfMetadata(labels: Record<string, string> | undefined, settings: ModeSettings): Modes {
  return effectiveModes(labelSet(labels), settings).modes;
}

/** The labels of a namespace that nobody knows yet: its modes are the defaults, raised to the floor. */
export const noLabels: LabelSet = new Map();

/**
 * The stricter of two namespaces' modes, label by label: a Namespace is judged by what it was and what it will be. Of
 * one profile at two versions the newer is the stricter.
 */
export function stricterModes(a: Modes, b: Modes): Modes {
  const pick = (mode: ModeName): ProfileAt => {
    if (a[mode].profile === b[mode].profile) {
      return versionRank(a[mode].version) >= versionRank(b[mode].version) ? a[mode] : b[mode];
    }
    return atLeast(a[mode].profile, b[mode].profile) ? a[mode] : b[mode];
  };
  return { enforce: pick("enforce"), warn: pick("warn"), audit: pick("audit"), patch: pick("patch") };
}

/** Whether two namespaces' modes ask the same. */
export function sameModes(a: Modes, b: Modes): boolean {
  return modeNames.every(
    (mode) => a[mode].profile === b[mode].profile && a[mode].version === b[mode].version,
  );
}

function strictest(mode: ModeName): ProfileAt {
  return { profile: mode === "patch" ? "privileged" : "restricted", version: "latest" };
}

function raised(mode: ModeName, profile: Profile, settings: ModeSettings): Profile {
  return mode === "patch" ? profile : stricter(profile, settings.floor[mode]);
}
