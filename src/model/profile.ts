/** Profiles, modes and versions: the words of the namespace labels (`ringfence.dev/<mode>=<profile>`). */

export const profiles = ["privileged", "baseline", "restricted"] as const;
/** privileged (no rule) ⊂ baseline (broken or self-defeating isolation) ⊂ restricted (hardening). */
export type Profile = (typeof profiles)[number];

export const modeNames = ["enforce", "warn", "audit", "patch"] as const;
export type ModeName = (typeof modeNames)[number];

/** "v1" pins a rule's behaviour; "latest" is newer than every vN. */
export type Version = "latest" | `v${number}`;

/** The newest numbered version that this build knows. */
const newestVersion = 2;

/** Every version that a label or the configuration may name. */
export const versions: readonly Version[] = [
  "latest",
  ...Array.from({ length: newestVersion }, (_, index): Version => `v${index + 1}`),
];

export interface ProfileAt {
  readonly profile: Profile;
  readonly version: Version;
}

/** What is done with a profile's findings, per mode. */
export type Modes = Readonly<Record<ModeName, ProfileAt>>;

export const labelPrefix = "ringfence.dev/";

/** The label that sets a mode's profile. */
export function modeLabel(mode: ModeName): string {
  return `${labelPrefix}${mode}`;
}

/** The label that pins a mode's version. */
export function versionLabel(mode: ModeName): string {
  return `${labelPrefix}${mode}-version`;
}

/** Every label that users may set to choose modes; all other `ringfence.dev/` labels are protected. */
export const modeLabels: readonly string[] = modeNames.flatMap((mode) => [
  modeLabel(mode),
  versionLabel(mode),
]);

/** Reads a profile's name; undefined where it is none. */
export function parseProfile(text: string): Profile | undefined {
  return profiles.find((profile) => profile === text);
}

/** Reads `latest` or `v1` … up to the newest known version; undefined where it is neither. */
export function parseVersion(text: string): Version | undefined {
  return versions.find((version) => version === text);
}

/** Whether `a` asks at least as much as `b`. */
export function atLeast(a: Profile, b: Profile): boolean {
  return profiles.indexOf(a) >= profiles.indexOf(b);
}

/** The stricter of two profiles. */
export function stricter(a: Profile, b: Profile): Profile {
  return atLeast(a, b) ? a : b;
}

/** A number that orders versions; latest is above all. */
export function versionRank(version: Version): number {
  return version === "latest" ? Number.POSITIVE_INFINITY : Number(version.slice(1));
}
