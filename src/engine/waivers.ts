import type { Settings } from "../model/settings.ts";
import type { Subject } from "../model/subject.ts";
import { stillValid } from "./dates.ts";
import { cut } from "./texts.ts";

const prefix = "waive.ringfence.dev/";

/** What an object's annotation `waive.ringfence.dev/<rule>` comes to; `refused` says why it does not count. */
export type Waiver =
  | { readonly honoured: true; readonly reason: string }
  | { readonly honoured: false; readonly refused: string };

/** The waiver that the object carries for a rule (DELETE: the old object); undefined where there is none. */
export function waiverFor(rule: string, subject: Subject, settings: Settings, now: Date): Waiver | undefined {
  const metadata = (subject.operation === "DELETE" ? subject.oldObject : subject.object)?.metadata;
  const annotations = metadata?.annotations ?? {};
  const key = prefix + rule;
  if (!Object.hasOwn(annotations, key)) return undefined;
  return read(annotations[key] ?? "", settings.waivable.has(rule), now);
}

function read(text: string, waivable: boolean, now: Date): Waiver {
  if (!waivable) return { honoured: false, refused: "configuration does not permit waivers of this rule" };
  const until = /(?:^|\s)until=(\S*)/.exec(text)?.[1];
  const reason = text.replace(/(?:^|\s)until=\S*/g, "").trim();
  if (reason === "") return { honoured: false, refused: "it gives no reason" };
  if (until !== undefined && !stillValid(until, now)) {
    return { honoured: false, refused: `until=${shown(until)} has passed or is no date (YYYY-MM-DD)` };
  }
  return { honoured: true, reason: text.trim() };
}

/** What a user wrote, fit for a terminal: no control characters, and not the whole of a long text. */
function shown(text: string): string {
  return cut(text.replaceAll(/\p{Cc}/gu, "?"), 40);
}
