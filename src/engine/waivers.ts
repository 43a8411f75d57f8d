import type { Settings } from "../model/settings.ts";
import type { Subject } from "../model/subject.ts";
import { stillValid } from "./dates.ts";
import { cut } from "./cut.ts";

export const waiverPrefix = "waive.ringfence.dev/";

/** What an object's annotation `waive.ringfence.dev/<rule>` comes to; `refused` says why it does not count. */
export type Waiver =
  | { readonly honoured: true; readonly reason: string }
  | { readonly honoured: false; readonly refused: string };

/** The waiver that the object carries for a rule (DELETE: the old object); undefined where there is none. */
export function waiverFor(rule: string, subject: Subject, settings: Settings, now: Date): Waiver | undefined {
  const annotations = annotationsOf(subject);
  const key = waiverPrefix + rule;
  if (!Object.hasOwn(annotations, key)) return undefined;
  return read(annotations[key] ?? "", settings.waivable.has(rule), now);
}

/** The annotations of the object that is judged; of the old one where it is deleted. */
export function annotationsOf(subject: Subject): Readonly<Record<string, string>> {
  const metadata = (subject.operation === "DELETE" ? subject.oldObject : subject.object)?.metadata;
  return metadata?.annotations ?? {};
}

function read(text: string, waivable: boolean, now: Date): Waiver {
  if (!waivable) return { honoured: false, refused: "configuration does not permit waivers of this rule" };
  const days = Array.from(text.matchAll(untils), ([, day = ""]) => day);
  if (text.replaceAll(untils, "").trim() === "") return { honoured: false, refused: "it gives no reason" };
  const over = days.find((day) => !stillValid(day, now));
  if (over !== undefined) {
    return { honoured: false, refused: `until=${shown(over)} has passed or is no date (YYYY-MM-DD)` };
  }
  return { honoured: true, reason: text.trim() };
}

/** An end in whatever spelling: one that were overlooked would make a waiver for ever. Of several each counts. */
const untils = /(?<![\p{L}\p{N}_-])until\s*=\s*([^\s,;]*)/giu;

/** What a user wrote, fit for a terminal: no control characters, and not the whole of a long text. */
function shown(text: string): string {
  return cut(text.replaceAll(/\p{Cc}/gu, "?"), 40);
}
