import { defaultSettings } from "#src/config/settings.ts";
import { rules } from "#src/rules/index.ts";
import type { Modes, Profile, Version } from "#src/model/profile.ts";
import type { Settings } from "#src/model/settings.ts";

/** Modes that ask nothing and the latest version, but for what is said. */
export function modes(
  profiles: Partial<Record<keyof Modes, Profile>>,
  versions: Partial<Record<keyof Modes, Version>> = {},
): Modes {
  const at = (mode: keyof Modes) => ({
    profile: profiles[mode] ?? "privileged",
    version: versions[mode] ?? "latest",
  });
  return { enforce: at("enforce"), warn: at("warn"), audit: at("audit"), patch: at("patch") };
}

/** What holds without a configuration file, but for what is said. */
export function settingsWith(overrides: Partial<Settings> = {}): Settings {
  return { ...defaultSettings(rules), ...overrides };
}
