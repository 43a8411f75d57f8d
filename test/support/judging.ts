import { createEngine, type Engine } from "#src/engine/engine.ts";
import type { Views } from "#src/engine/before.ts";
import type { JudgeOptions } from "#src/engine/judge.ts";
import { judge } from "#src/engine/judge.ts";
import type { ClusterView } from "#src/model/cluster-view.ts";
import type { Modes } from "#src/model/profile.ts";
import type { Rule } from "#src/model/rule.ts";
import type { Settings } from "#src/model/settings.ts";
import type { Subject } from "#src/model/subject.ts";
import type { Verdict } from "#src/model/verdict.ts";
import { modes, settingsWith } from "./settings.ts";
import { compile } from "./subjects.ts";
import { knowsNothing } from "./views.ts";

/** The moment of every test that judges. */
export const now = new Date("2026-06-30T18:00:00Z");

export interface Judging {
  readonly rules: readonly Rule[];
  readonly modes?: Modes;
  readonly settings?: Partial<Settings>;
  readonly after?: ClusterView;
  readonly before?: ClusterView;
  readonly expired?: () => boolean;
}

/** The engine with these rules. */
export function engineOf(rules: readonly Rule[]): Engine {
  return createEngine({ rules, compile, now: () => now });
}

/** Judges in a namespace that enforces baseline, on a view that knows nothing, unless said otherwise. */
export function judged(subject: Subject, judging: Judging): Verdict {
  const after = judging.after ?? knowsNothing;
  const views: Views = { after, before: () => judging.before ?? after };
  const options: JudgeOptions = {
    settings: settingsWith(judging.settings),
    modes: judging.modes ?? modes({ enforce: "baseline" }),
    expired: judging.expired ?? (() => false),
  };
  return judge(subject, views, engineOf(judging.rules), options);
}
