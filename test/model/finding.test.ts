import { expect, it } from "vitest";
import { formatPath } from "#src/model/finding.ts";

it.each([
  [[], ""],
  [["spec"], "spec"],
  [["spec", "egress", 1, "to", 0, "podSelector"], "spec.egress[1].to[0].podSelector"],
  [["metadata", "labels", "ringfence.dev/enforce"], "metadata.labels[ringfence.dev/enforce]"],
  [["deny\u001b[31mAll\n- forged", "a b"], '["deny\\u001b[31mAll\\n- forged"][a b]'],
])("%j is %j", (path, text) => {
  expect(formatPath(path)).toBe(text);
});
