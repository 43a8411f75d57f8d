// What there was before the request: what its findings are compared with.

import type { ClusterView } from "../model/cluster-view.ts";
import { namespaceFacts } from "../model/namespace-facts.ts";
import type { NamespaceSubject, Subject } from "../model/subject.ts";
import type { CompiledPolicy } from "../network/policy.ts";
import type { OpenedBefore } from "./compare.ts";
import type { Engine } from "./engine.ts";

/** One snapshot of the view, with the request and without it; the second is made only where it is needed. */
export interface Views {
  readonly after: ClusterView;
  readonly before: () => ClusterView;
}

/** The subject with its old object in the place of the new one. */
export function subjectBefore(subject: Subject, { compile }: Pick<Engine, "compile">): Subject {
  if (subject.kind === "Namespace") return { ...subject, object: subject.oldObject };
  const old = subject.oldObject;
  return { ...subject, object: old, compiled: old === undefined ? undefined : compile(old) };
}

/** What the subject as it was opened; undefined where there was none. */
export function openedBefore(then: Subject, views: Views): OpenedBefore | undefined {
  if (then.kind === "Namespace") return openedByIntent(then, views);
  const { namespace, compiled } = then;
  if (compiled === undefined) return undefined;
  return {
    own: { name: namespace, labels: views.after.namespaces?.get(namespace)?.labels ?? new Map() },
    in: (direction) => compiled[direction].map((entry) => ({ subject: compiled.subject, entry })),
  };
}

/** What the companions opened that the namespace's intent asked for. */
function openedByIntent({ oldObject }: NamespaceSubject, views: Views): OpenedBefore | undefined {
  if (oldObject === undefined) return undefined;
  const facts = namespaceFacts(oldObject);
  // The same for all findings, of which there may be hundreds.
  let asked: readonly CompiledPolicy[] | undefined;
  return {
    own: facts,
    in(direction) {
      asked ??= views.before().companionsFor(facts).compiledAsked;
      return asked.flatMap(({ subject, [direction]: entries }) =>
        entries.map((entry) => ({ subject, entry })),
      );
    },
  };
}
