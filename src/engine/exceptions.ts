import type { Exception, Settings } from "../model/settings.ts";
import type { Subject } from "../model/subject.ts";
import { stillValid } from "./dates.ts";

/** The configured exception that silences this rule for this policy today, if any. */
export function exceptionFor(
  rule: string,
  subject: Subject,
  settings: Settings,
  now: Date,
): Exception | undefined {
  return exceptionsFor(rule, subject, settings).find((exception) => !hasExpired(exception, now));
}

/** One that would silence the rule for this policy, had it not expired. */
export function expiredExceptionFor(
  rule: string,
  subject: Subject,
  settings: Settings,
  now: Date,
): Exception | undefined {
  return exceptionsFor(rule, subject, settings).find((exception) => hasExpired(exception, now));
}

/** Whether the exception's last day has passed. */
export function hasExpired({ until }: Exception, now: Date): boolean {
  return until !== undefined && !stillValid(until, now);
}

function exceptionsFor(rule: string, subject: Subject, { exceptions }: Settings): readonly Exception[] {
  return exceptions.filter(
    (exception) =>
      exception.rule === rule &&
      exception.namespace === subject.namespace &&
      nameMatches(exception.policies, subject.name),
  );
}

/** `*` stands for any run of characters; all else is literal. Linear in the name for each star. */
function nameMatches(pattern: string, name: string): boolean {
  const [head = "", ...rest] = pattern.split("*");
  const tail = rest.pop();
  if (tail === undefined) return pattern === name;
  if (!name.startsWith(head) || !name.endsWith(tail) || name.length < head.length + tail.length) return false;
  let from = head.length;
  for (const part of rest) {
    const at = name.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from <= name.length - tail.length;
}
