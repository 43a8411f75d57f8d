// A namespace's mode labels decide what is refused in it. Whoever may edit the namespace may tighten them; only
// operators may loosen enforce, warn or audit, pin an older version, or go below the floor. A newly set value that
// nobody can read is refused to everyone: it would count as the strictest and surprise them later.

import { z } from "zod";
import { labelSet, type LabelSet } from "../network/labels.ts";
import { effectiveModes } from "../model/modes.ts";
import {
  atLeast,
  modeLabel,
  modeNames,
  parseProfile,
  parseVersion,
  profiles,
  versionLabel,
  versionRank,
  versions,
  type Modes,
  type ModeName,
} from "../model/profile.ts";
import { includesUser } from "../model/principals.ts";
import type { Settings } from "../model/settings.ts";
import type { NamespaceSubject } from "../model/subject.ts";
import { defineRule } from "./shared/define-rule.ts";

type GuardedMode = Exclude<ModeName, "patch">;
const guarded = ["enforce", "warn", "audit"] as const satisfies readonly GuardedMode[];

export const modeLoosened = defineRule({
  id: "mode-loosened",
  profile: "guard",
  since: "v1",
  curable: false,
  judges: "change",
  kind: "Namespace",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Mode loosened",
    summary:
      "A user who is no operator lowers a namespace's enforce, warn or audit profile, or a mode label cannot be read.",
    why: "Enforcement that its subject can switch off enforces nothing.",
    remediation: "Keep the profile, or ask an operator to lower it.",
    references: ["https://kubernetes.io/docs/concepts/security/pod-security-admission/"],
  },
  messages: {
    lowered: {
      text: "{{user}} may not lower {{mode}} from {{before}} to {{after}}; only operators may.",
      remedy: "Keep {{label}}: {{before}}, or ask an operator (configuration: operators).",
      warning: "only operators may lower it from {{before}} to {{after}}",
    },
    older: {
      text: "{{user}} may not hold {{mode}} at version {{after}} (it was {{before}}, which is newer); only operators may.",
      remedy: "Keep {{label}}: {{before}}, or ask an operator (configuration: operators).",
      warning: "only operators may pin it from {{before}} to {{after}}",
    },
    belowFloor: {
      text: "{{after}} is below {{before}}, the floor that configuration sets for {{mode}}.",
      remedy:
        "Write {{label}}: {{before}} or stricter, or ask an operator (configuration: floor, operators).",
      warning: "{{after}} is below the configured floor, {{before}}",
    },
    noOperators: {
      advisory: true,
      text: "{{mode}} goes from {{before}} to {{after}}; no operators are configured yet, so this only warns.",
      remedy: "To have it refused, name operators (configuration: operators).",
      warning: "goes from {{before}} to {{after}}; no operators are configured",
    },
    unreadable: {
      text: "{{value}} is no value of {{label}}.",
      remedy: "Write one of: {{allowed}}.",
      warning: "{{value}} is none of the values: {{allowed}}",
    },
  },
  check(subject, { settings }) {
    const before = labelSet(subject.oldObject?.metadata.labels);
    const after = labelSet(subject.object?.metadata.labels);
    const unreadable = newlyUnreadable(before, after);
    if (settings.operators !== undefined && includesUser(settings.operators, subject.user)) return unreadable;
    const old = effectiveModes(before, settings).modes;
    const loosened = guarded
      // An unreadable label is already refused; what it would come to says nothing more.
      .filter((mode) => !unreadable.some(({ data }) => data.mode === mode))
      .flatMap((mode) => loosening({ mode, old, before, after, subject, settings }));
    return [...unreadable, ...loosened];
  },
});

function newlyUnreadable(before: LabelSet, after: LabelSet) {
  return modeNames.flatMap((mode) =>
    [modeLabel(mode), versionLabel(mode)].flatMap((label) => {
      const value = after.get(label);
      if (value === undefined || value === before.get(label)) return [];
      const isVersion = label === versionLabel(mode);
      if ((isVersion ? parseVersion(value) : parseProfile(value)) !== undefined) return [];
      const allowed = (isVersion ? versions : profiles).join(", ");
      const data = { mode, label, value: value === "" ? "(empty)" : value, allowed };
      return [
        {
          message: "unreadable" as const,
          path: ["metadata", "labels", label],
          key: `${label}=${value}`,
          data,
        },
      ];
    }),
  );
}

interface Change {
  readonly mode: GuardedMode;
  readonly old: Modes;
  readonly before: LabelSet;
  readonly after: LabelSet;
  readonly subject: NamespaceSubject;
  readonly settings: Settings;
}

function loosening({ mode, old, before, after, subject, settings }: Change) {
  const now = effectiveModes(after, settings).modes[mode];
  const was = old[mode];
  const user = subject.user.name;
  const say = (
    message: "lowered" | "older" | "belowFloor",
    label: string,
    values: { before: string; after: string },
  ) => ({
    message: settings.operators === undefined ? ("noOperators" as const) : message,
    path: ["metadata", "labels", label],
    key: `${message} ${mode}`,
    data: { mode, label, user, ...values },
  });
  const chosen = after.get(modeLabel(mode));
  const profile = chosen === undefined ? undefined : parseProfile(chosen);
  if (
    profile !== undefined &&
    chosen !== before.get(modeLabel(mode)) &&
    !atLeast(profile, settings.floor[mode])
  ) {
    return [say("belowFloor", modeLabel(mode), { before: settings.floor[mode], after: profile })];
  }
  if (!atLeast(now.profile, was.profile)) {
    return [say("lowered", modeLabel(mode), { before: was.profile, after: now.profile })];
  }
  if (versionRank(now.version) < versionRank(was.version)) {
    return [say("older", versionLabel(mode), { before: was.version, after: now.version })];
  }
  return [];
}
