import { formatPath } from "../model/finding.ts";
import type { Message } from "../model/rule.ts";
import type { Judged } from "../model/verdict.ts";
import { cut } from "./cut.ts";
import { fill, indented, templatesOf } from "./templates.ts";

/** Findings that one denial spells out; what is beyond is counted. */
const listed = 20;

/** A Warning's length at the API server is cut to 256 runes when all of them together pass 4096. */
const warningLength = 256;

/** The denial of one object: what it breaks, then each finding with its remedy. */
export function denialText(object: string, breaks: string, denied: readonly Judged[]): string {
  let lines = `${object} breaks ${breaks} (${plural(denied.length, "finding")})`;
  for (const judged of denied.slice(0, listed)) {
    const { text, remedy } = templatesOf(messageOf(judged));
    const { data } = judged.finding;
    lines += `\n- ${heading(judged)}: ${fill(text, data, indented)}\n  ${fill(remedy, data, indented)}`;
    if (judged.note !== undefined) lines += `\n  ${indented(judged.note)}`;
  }
  if (denied.length > listed) lines += `\n- and ${denied.length - listed} more`;
  return lines;
}

/** One finding as one line that begins with the rule's id. */
export function warningText(judged: Judged, suffix = ""): string {
  const { warning } = templatesOf(messageOf(judged));
  // Why it only warns is not what may be cut off.
  return `${cut(`${heading(judged)}: ${fill(warning, judged.finding.data)}`, warningLength - suffix.length)}${suffix}`;
}

/** A note, which is sentences, as the end of a warning; empty where there is none. */
export function noteSuffix(note: string | undefined): string {
  return note === undefined ? "" : ` (${note.slice(0, 1).toLowerCase()}${note.slice(1).replace(/\.$/, "")})`;
}

/** `or-ed-selectors at spec.egress[1].to`, or the id alone where the object as a whole is meant. */
export function heading(judged: Judged): string {
  const path = formatPath(judged.finding.path);
  return path === "" ? judged.rule.id : `${judged.rule.id} at ${path}`;
}

function messageOf(judged: Judged): Message {
  const message = judged.rule.messages[judged.finding.message];
  if (message === undefined)
    throw new Error(`rule ${judged.rule.id} has no message ${judged.finding.message}`);
  return message;
}

/** `1 finding`, `3 findings`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
