import { repair } from "../engine/fixes.ts";
import { writeDefaultIntent } from "../engine/default-intent.ts";
import type { Engine } from "../engine/engine.ts";
import type { Views } from "../engine/before.ts";
import { isSystemPolicy, judge } from "../engine/judge.ts";
import type { ClusterView } from "../model/cluster-view.ts";
import { modesOfMetadata, noLabels, stricterModes, type ReadModes } from "../model/modes.ts";
import type { Modes } from "../model/profile.ts";
import type { Settings } from "../model/settings.ts";
import type { NamespaceSubject, PolicySubject, Subject } from "../model/subject.ts";
import type { Decide, Verdict } from "../model/verdict.ts";
import type { Admitted } from "../view/admitted.ts";
import { viewAfter, viewBefore } from "../view/change.ts";
import type { LiveView } from "../view/live-view.ts";
import { hold, type HoldSlots } from "./hold.ts";

/** `/mutate` waits at most so long for a cure before it repairs: its entry in the webhook configuration has 1 s. */
const mutateHold = 300;

/**
 * Milliseconds that one judging may take, far above any real one: it is synchronous, so no timer can end it. Used up, the
 * answer is HTTP 500 and failurePolicy decides.
 */
const judgingTime = 500;

/** What a decision is made of; passed in, the same for every request. */
export interface Deciding {
  readonly engine: Engine;
  readonly view: LiveView;
  readonly admitted: Admitted;
  readonly settings: () => Settings;
  readonly readModes: ReadModes;
  readonly slots: HoldSlots;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  /** Told of a verdict that was given before its namespace was known, once it is known and judged again. */
  readonly lateVerdict: (subject: PolicySubject, given: Verdict, now: Verdict) => void;
}

interface Asked {
  readonly verdict: Verdict;
  /** False while the cache has not seen the policy's namespace, though it sees others. */
  readonly namespaceKnown: boolean;
}

/** `/validate`: judges, and holds back what another object of the same apply may cure before it denies. */
export function validating(parts: Deciding): Decide {
  return (subject, request) => {
    const settings = parts.settings();
    const first = askOnce(subject, parts, settings, expiry(parts));
    if (!isOpen(first)) return remembered(subject, first.verdict, parts);
    const { signal } = request;
    return hold({
      ask: () => askOnce(subject, parts, settings, expiry(parts, signal)),
      open: isOpen,
      changed: (until) => changedFor(subject.namespace, parts, until),
      limit: settings.curableHold,
      signal,
      slots: parts.slots,
    }).then(({ answer, held }) => {
      const verdict = held === undefined ? answer.verdict : { ...answer.verdict, held };
      if (!answer.namespaceKnown && subject.kind === "NetworkPolicy") judgeLater(subject, verdict, parts);
      return remembered(subject, verdict, parts);
    });
  };
}

/** `/mutate`: in namespaces that opted in, repairs policies and writes the default intent; all else goes through unchanged. */
export function mutating(parts: Deciding): Decide {
  return (subject, request) => {
    const settings = parts.settings();
    if (subject.kind !== "NetworkPolicy") return writeDefaultIntent(subject, settings);
    const ask = (signal?: AbortSignal): Verdict => {
      // What was admitted is read and compiled anew: once for all rules, and only where one asks.
      let view: ClusterView | undefined;
      return repair(subject, parts.engine, {
        settings,
        modes: modesOf(subject, parts, settings),
        expired: expiry(parts, signal),
        views: (current) => {
          view ??= parts.admitted.withAdmitted(parts.view, subject.namespace);
          return viewsOf(current, view);
        },
      });
    };
    const first = ask();
    const open = (verdict: Verdict): boolean =>
      verdict.skipped === undefined &&
      (verdict.findings.some(({ rule }) => rule.curable) ||
        awaitsNamespace(subject.namespace, parts, settings));
    if (!open(first)) return first;
    const changed = (until: AbortSignal): Promise<void> => changedFor(subject.namespace, parts, until);
    const limit = Math.min(mutateHold, settings.curableHold);
    const { signal } = request;
    return hold({ ask: () => ask(signal), open, changed, limit, signal, slots: parts.slots }).then(
      ({ answer, held }) => (held === undefined ? answer : { ...answer, held }),
    );
  };
}

/** Whether a repair may be due as soon as the cache has the namespace: until then the rules of the set know nothing. */
function awaitsNamespace(namespace: string, parts: Deciding, settings: Settings): boolean {
  if (isKnown(namespace, parts.view)) return false;
  const labels = parts.admitted.namespaceLabels(namespace);
  return labels === undefined || parts.readModes(labels, settings).patch.profile !== "privileged";
}

function expiry(parts: Deciding, signal?: AbortSignal): () => boolean {
  const end = parts.clock() + judgingTime;
  return () => signal?.aborted === true || parts.clock() > end;
}

function askOnce(subject: Subject, parts: Deciding, settings: Settings, expired: () => boolean): Asked {
  const options = { settings, modes: modesOf(subject, parts, settings), expired };
  const verdict = judge(subject, viewsOf(subject, parts.view), parts.engine, options);
  // Nothing in a system namespace waits for Ringfence.
  const namespaceKnown =
    subject.kind === "Namespace" ||
    isSystemPolicy(subject, settings) ||
    isKnown(subject.namespace, parts.view);
  if (!isCurable(verdict)) return { verdict, namespaceKnown };
  // What was admitted here may not be in the cache yet. It is used to allow only: never does it add a finding.
  const remembering = parts.admitted.withAdmitted(parts.view, subject.namespace);
  if (remembering === parts.view) return { verdict, namespaceKnown };
  const second = judge(subject, viewsOf(subject, remembering), parts.engine, options);
  return { verdict: second.allowed ? second : verdict, namespaceKnown };
}

function isOpen({ verdict, namespaceKnown }: Asked): boolean {
  if (verdict.skipped !== undefined) return false;
  return !namespaceKnown || isCurable(verdict);
}

/**
 * Whether everything that this denial stands on may be cured by another object of the same apply, or be gone already
 * without the view having seen it.
 */
function isCurable(verdict: Verdict): boolean {
  return (
    !verdict.allowed &&
    verdict.findings.every(
      ({ rule, effect }) => effect !== "deny" || rule.curable || rule.awaitsView === true,
    )
  );
}

function isKnown(namespace: string, view: ClusterView): boolean {
  return view.namespaces === undefined || view.namespaces.get(namespace) !== undefined;
}

function viewsOf(subject: Subject, view: ClusterView): Views {
  if (subject.kind === "Namespace") return { after: view, before: () => view };
  return { after: viewAfter(view, subject), before: () => viewBefore(view, subject) };
}

/**
 * Whose modes count: a policy's namespace's, as the cache has it, else as it was admitted here lately, else the
 * defaults raised to the floor; of a Namespace the stricter of before and after.
 */
function modesOf(subject: Subject, parts: Deciding, settings: Settings): Modes {
  if (subject.kind === "Namespace") return namespaceModes(subject, settings);
  const labels =
    parts.view.namespaces?.get(subject.namespace)?.labels ??
    parts.admitted.namespaceLabels(subject.namespace);
  return parts.readModes(labels ?? noLabels, settings);
}

function namespaceModes(subject: NamespaceSubject, settings: Settings): Modes {
  const after = modesOfMetadata(subject.object?.metadata.labels, settings);
  if (subject.oldObject === undefined) return after;
  return stricterModes(modesOfMetadata(subject.oldObject.metadata.labels, settings), after);
}

async function changedFor(namespace: string, parts: Deciding, until: AbortSignal): Promise<void> {
  const either = new AbortController();
  const signal = AbortSignal.any([until, either.signal]);
  try {
    await Promise.race([parts.view.changed(namespace, signal), parts.admitted.changed(namespace, signal)]);
  } finally {
    either.abort();
  }
}

/** Remembers what was admitted for good; a dry run stores nothing. */
function remembered(subject: Subject, verdict: Verdict, parts: Deciding): Verdict {
  if (verdict.allowed && !subject.dryRun && !isTaken(subject, parts.view)) parts.admitted.remember(subject);
  return verdict;
}

/**
 * Whether it creates a policy of a name that stands: after admission the API server refuses that, and what was never
 * stored must not count as what closes the pods of the next request.
 */
function isTaken(subject: Subject, view: ClusterView): boolean {
  if (subject.kind !== "NetworkPolicy" || subject.operation !== "CREATE") return false;
  return view.policies(subject.namespace)?.get(subject.name) !== undefined;
}

/** How long a verdict given without its namespace waits for it to be judged again. */
const lateLimit = 30_000;

function judgeLater(subject: PolicySubject, given: Verdict, parts: Deciding): void {
  const signal = AbortSignal.timeout(lateLimit);
  const wait = async (): Promise<void> => {
    while (!signal.aborted) {
      if (isKnown(subject.namespace, parts.view)) {
        const settings = parts.settings();
        const options = { settings, modes: modesOf(subject, parts, settings), expired: expiry(parts) };
        const now = judge(subject, viewsOf(subject, parts.view), parts.engine, options);
        if (now.allowed !== given.allowed) parts.lateVerdict(subject, given, now);
        return;
      }
      await parts.view.changed(subject.namespace, signal);
    }
  };
  // A failure here can harm no request any more; the rule that failed is counted when it fails in one.
  wait().catch(() => undefined);
}
