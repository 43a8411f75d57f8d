// The intent of a namespace cannot be read: an unknown key, a bad range or port, keys that contradict each other. Nothing
// follows from such an intent; what stands by an older one is left as it is, so that the fault would show nowhere else.

import { z } from "zod";
import type { Intent } from "../intent/keys.ts";
import { intentAnnotation, readIntent } from "../intent/read.ts";
import { defineRule } from "./shared/define-rule.ts";

/** An annotation may hold hundreds of faults; nobody reads more of them at once. */
const mostFaults = 20;

export const intentInvalid = defineRule({
  id: "intent-invalid",
  profile: "baseline",
  since: "v1",
  curable: false,
  judges: "object",
  everywhere: true,
  kind: "Namespace",
  operations: ["CREATE", "UPDATE"],
  needs: [],
  options: z.strictObject({}),
  docs: {
    title: "Invalid intent",
    summary: "The intent that a namespace declares cannot be read, or contradicts itself.",
    why: "From an intent that cannot be read nothing follows: the namespace stays as open as it is, and looks as if it were closed.",
    remediation: "Correct the annotation at the line and column that the message names.",
    references: ["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
  },
  messages: {
    fault: {
      text: "line {{line}}, column {{column}} of the intent: {{fault}}.",
      remedy: "Correct it there; what an intent comes to is shown by: ringfence generate -f FILE",
      warning: "{{line}}:{{column}}: {{fault}}",
    },
    noNamespace: {
      advisory: true,
      text: "the intent names the namespace {{named}}, and there is none of that name yet.",
      remedy: "Correct the name, or create that namespace.",
      warning: "there is no namespace {{named}} yet",
    },
  },
  check(subject, { view }) {
    const { name, annotations = {} } = subject.object?.metadata ?? {};
    const text = Object.hasOwn(annotations, intentAnnotation) ? annotations[intentAnnotation] : undefined;
    if (text === undefined) return [];
    const path = ["metadata", "annotations", intentAnnotation];
    const { value, flaws } = readIntent(text);
    if (flaws !== undefined) {
      return flaws.slice(0, mostFaults).map(({ line, column, text: fault }) => ({
        message: "fault",
        path,
        // Where in a list it stands is no part of what is wrong.
        key: fault.replaceAll(/\[\d+\]/g, "[]"),
        data: { line, column, fault },
      }));
    }
    const { namespaces } = view;
    if (namespaces === undefined) return [];
    return namesIn(value)
      .filter((named) => named !== name && namespaces.get(named) === undefined)
      .slice(0, mostFaults)
      .map((named) => ({ message: "noNamespace", path, key: named, data: { named } }));
  },
});

/** The namespaces that an intent names, each once. */
function namesIn(intent: Intent): readonly string[] {
  const items = [...intent.allowEgressToNamespaces, ...intent.allowIngressFromNamespaces];
  const ends = intent.connections.flatMap(({ from, to }) => [from.namespace ?? [], to.namespace ?? []]);
  return [...new Set([...items.map(({ namespace }) => namespace), ...ends.flat()])].sort();
}
