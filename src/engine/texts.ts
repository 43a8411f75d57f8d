import { formatPath } from "../model/finding.ts";
import type { Message } from "../model/rule.ts";
import type { Judged } from "../model/verdict.ts";

/** Findings that one denial spells out; what is beyond is counted. */
const listed = 20;

/** A Warning's length at the API server is cut to 256 runes when all of them together pass 4096. */
const warningLength = 256;

/** A value of a finding's data in a text: what is far longer than anything people write would hide what follows it. */
const valueLength = 400;

/** Puts the finding's data into a template, long values cut; `{{name}}` without a value is a bug of the rule and stays visible. */
export function fill(template: string, data: Readonly<Record<string, string | number>>): string {
  // By hand: a regular expression with a function takes twice as long, and each denial fills several templates.
  let text = "";
  let done = 0;
  for (;;) {
    const open = template.indexOf("{{", done);
    const close = open < 0 ? -1 : template.indexOf("}}", open);
    if (close < 0) return text + template.slice(done);
    const name = template.slice(open + 2, close);
    const value = Object.hasOwn(data, name) ? cut(String(data[name]), valueLength) : `{{${name}}}`;
    text += template.slice(done, open) + value;
    done = close + 2;
  }
}

/** The denial of one object: what it breaks, then each finding with its remedy. */
export function denialText(object: string, breaks: string, denied: readonly Judged[]): string {
  const lines = [`${object} breaks ${breaks} (${plural(denied.length, "finding")})`];
  for (const judged of denied.slice(0, listed)) {
    const { text, remedy } = messageOf(judged);
    const { data } = judged.finding;
    const note = judged.note === undefined ? "" : `\n${judged.note}`;
    const body = `${fill(text, data)}\n${fill(remedy, data)}${note}`;
    lines.push(`- ${heading(judged)}: ${body.replaceAll("\n", "\n  ")}`);
  }
  if (denied.length > listed) lines.push(`- and ${denied.length - listed} more`);
  return lines.join("\n");
}

/** One finding as one line that begins with the rule's id. */
export function warningText(judged: Judged, suffix = ""): string {
  const { warning } = messageOf(judged);
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

/** Cuts to so many UTF-16 units at most, marked with an ellipsis, never inside a surrogate pair. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = text.codePointAt(length - 2) ?? 0;
  return `${text.slice(0, end > 0xffff ? length - 2 : length - 1)}…`;
}

/** `1 finding`, `3 findings`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
