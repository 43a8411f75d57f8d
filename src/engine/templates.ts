import type { Message } from "../model/rule.ts";
import { cut } from "./cut.ts";

/** A value of a finding's data in a text: what is far longer than anything people write would hide what follows it. */
const valueLength = 400;

/** A text cut at its `{{name}}`: text and names in turn, beginning and ending with text. */
export type Template = readonly string[];

/** The templates of one message; text and remedy indented as they stand in a denial. */
export type Templates = Readonly<Record<"text" | "remedy" | "warning", Template>>;

/** Reads `{{name}}` out of a text; one that is not closed is text. */
export function parseTemplate(text: string): Template {
  return text.split(/\{\{(.*?)\}\}/s);
}

/** Messages are of rules, which are as many as there are, for good. */
const parsed = new WeakMap<Message, Templates>();

/** The templates of a message, read once. */
export function templatesOf(message: Message): Templates {
  let templates = parsed.get(message);
  if (templates === undefined) {
    templates = {
      text: parseTemplate(indented(message.text)),
      remedy: parseTemplate(indented(message.remedy)),
      warning: parseTemplate(message.warning),
    };
    parsed.set(message, templates);
  }
  return templates;
}

/** With further lines as they stand in a denial. Most texts are one line: to look for a second costs less than to replace none. */
export function indented(text: string): string {
  return text.includes("\n") ? text.replaceAll("\n", "\n  ") : text;
}

/**
 * Puts the finding's data into a template, long values cut, then written as wanted; a name without a value is a bug of the
 * rule and stays visible.
 */
export function fill(
  template: Template,
  data: Readonly<Record<string, string | number>>,
  written: (value: string) => string = asItIs,
): string {
  let text = template[0] ?? "";
  for (let at = 1; at < template.length; at += 2) {
    const name = template[at] ?? "";
    text += Object.hasOwn(data, name) ? written(cut(String(data[name]), valueLength)) : `{{${name}}}`;
    text += template[at + 1] ?? "";
  }
  return text;
}

function asItIs(value: string): string {
  return value;
}
