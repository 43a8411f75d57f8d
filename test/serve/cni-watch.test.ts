import pino from "pino";
import { expect, test } from "vitest";
import { cniText, watchCni } from "#src/serve/cni-watch.ts";
import { recordedFacts, recordedFile } from "../support/recorded-cluster.ts";

const facts = (name: string) => recordedFacts(recordedFile(name));

test("the verdict is told where it changes, and by its text", async () => {
  const lines: Record<string, unknown>[] = [];
  const log = pino(
    {},
    { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const watch = watchCni(log);
  expect(cniText(watch.verdict())).toBe("unknown: not read yet");
  watch.update(await facts("cni/flannel/alone"));
  watch.update(await facts("cni/flannel/alone"));
  expect(cniText(watch.verdict())).toBe("not-enforced (flannel)");
  watch.update(await facts("cni/flannel/nodes-forbidden"));
  expect(cniText(watch.verdict())).toBe("unknown: no right to list nodes");
  watch.update(await facts("cni/flannel/with-policy-container"));
  expect(cniText(watch.verdict())).toBe("enforced (flannel)");
  expect(lines.map(({ level, verdict }) => [level, verdict])).toEqual([
    [40, "not-enforced"],
    [30, "unknown"],
    [30, "enforced"],
  ]);
});
