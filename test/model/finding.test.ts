import { expect, it } from "vitest";
import { formatPath } from "#src/model/finding.ts";

it.each([
  [[], ""],
  [["spec"], "spec"],
  [["spec", "egress", 1, "to", 0, "podSelector"], "spec.egress[1].to[0].podSelector"],
  [["metadata", "labels", "ringfence.dev/enforce"], "metadata.labels[ringfence.dev/enforce]"],
])("%j is %j", (path, text) => {
  expect(formatPath(path)).toBe(text);
});
