import { labelSet, type LabelSet } from "../network/labels.ts";
import { namespaceNameLabel } from "../network/selector.ts";
import type { Namespace } from "../wire/namespace.ts";
import type { NamespaceFacts } from "./cluster-view.ts";

/** What is kept of a namespace. */
export function namespaceFacts({ metadata, status }: Namespace): NamespaceFacts {
  const name = metadata.name ?? "";
  const labels = labelSet(metadata.labels);
  return {
    name,
    uid: metadata.uid ?? "",
    // kube-apiserver sets this label on every namespace; files may lack it.
    labels:
      labels.get(namespaceNameLabel) === name ? labels : new Map([...labels, [namespaceNameLabel, name]]),
    annotations: ownAnnotations(metadata.annotations),
    terminating: metadata.deletionTimestamp !== undefined || status?.phase === "Terminating",
  };
}

/** Of every annotation that is ours; waivers put a word before it. */
export const annotationPrefix = "ringfence.dev/";
const noAnnotations: LabelSet = new Map();

function ownAnnotations(annotations: Readonly<Record<string, string>> | undefined): LabelSet {
  const own = Object.entries(annotations ?? {}).filter(([key]) => key.startsWith(annotationPrefix));
  return own.length === 0 ? noAnnotations : labelSet(Object.fromEntries(own));
}
