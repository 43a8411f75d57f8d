import { intentAnnotation } from "../intent/read.ts";
import { effectiveModes } from "../model/modes.ts";
import { namespaceFacts } from "../model/namespace-facts.ts";
import { defaultIntentFor, excludedFrom } from "../model/namespace-intent.ts";
import type { DefaultIntent, Settings } from "../model/settings.ts";
import type { NamespaceSubject } from "../model/subject.ts";
import type { Verdict } from "../model/verdict.ts";
import type { Namespace } from "../wire/namespace.ts";
import type { JsonPatchOperation } from "../wire/json-patch.ts";
import { nothingFound, skip, whySkipped } from "./judge.ts";

/**
 * Writes the default intent into a namespace that is born without one where `patch` is on, so that what holds can be read
 * there: on CREATE, and on the UPDATE by which it first applies. Where it applied before, somebody took it away or never
 * wanted it written. Never denies.
 */
export function writeDefaultIntent(subject: NamespaceSubject, settings: Settings): Verdict {
  const skipped = whySkipped(subject, settings);
  if (skipped !== undefined) return skip(skipped);
  const { object, oldObject } = subject;
  const found = object === undefined ? undefined : writtenFor(object, settings);
  if (object === undefined || found === undefined) return nothingFound;
  if (oldObject !== undefined && hadOne(oldObject, settings)) return nothingFound;
  return {
    ...nothingFound,
    warnings: [
      `ringfence.dev/patch: the default intent of the configuration was written into ${intentAnnotation}; add it to the manifest`,
    ],
    auditAnnotations: { patched: "default intent" },
    patch: operations(object, found.text),
  };
}

/** The default intent that is to be written into the namespace. */
function writtenFor(object: Namespace, settings: Settings): DefaultIntent | undefined {
  const facts = namespaceFacts(object);
  if (facts.annotations.has(intentAnnotation) || excludedFrom(facts, settings) !== undefined)
    return undefined;
  if (effectiveModes(facts.labels, settings).modes.patch.profile === "privileged") return undefined;
  return defaultIntentFor(facts, settings);
}

function hadOne(object: Namespace, settings: Settings): boolean {
  const facts = namespaceFacts(object);
  return facts.annotations.has(intentAnnotation) || defaultIntentFor(facts, settings) !== undefined;
}

/** The guard is what it stands on: the annotations as they are. */
function operations({ metadata }: Namespace, text: string): readonly JsonPatchOperation[] {
  const { annotations, name } = metadata;
  if (annotations === undefined) {
    const guard: JsonPatchOperation[] =
      name === undefined ? [] : [{ op: "test", path: "/metadata/name", value: name }];
    return [...guard, { op: "add", path: "/metadata/annotations", value: { [intentAnnotation]: text } }];
  }
  return [
    { op: "test", path: "/metadata/annotations", value: annotations },
    { op: "add", path: `/metadata/annotations/${intentAnnotation.replaceAll("/", "~1")}`, value: text },
  ];
}
