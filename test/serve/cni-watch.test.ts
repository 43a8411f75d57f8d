import pino from "pino";
import { expect, test } from "vitest";
import { defaultSystemNamespaces } from "#src/config/schema.ts";
import { cniText, watchCni } from "#src/serve/cni-watch.ts";
import { recordedFacts, recordedFile } from "../support/recorded-cluster.ts";

const facts = (name: string) => recordedFacts(recordedFile(name));

test("the verdict is told where it changes, and by its text", async () => {
  const lines: Record<string, unknown>[] = [];
  const log = pino(
    {},
    { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const watch = watchCni(log, () => new Set(defaultSystemNamespaces));
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

test("agents are believed in the namespaces that the configuration in force names", async () => {
  let names = [...defaultSystemNamespaces];
  const watch = watchCni(pino({ level: "silent" }), () => new Set(names));
  watch.update(await facts("cni/kindnet/made-by-a-tenant"));
  expect(cniText(watch.verdict())).toContain("name evil in systemNamespaces.names");
  names = [...names, "evil"];
  watch.update(await facts("cni/kindnet/made-by-a-tenant"));
  expect(cniText(watch.verdict())).toBe("enforced (kindnet)");
});
