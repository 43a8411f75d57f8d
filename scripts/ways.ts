import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { toStandardError } from "../test/control-plane/progress.ts";
import { helmWays } from "../test/ways/helm-ways.ts";
import { helmPrograms } from "../test/ways/helm.ts";
import { expected, playWay } from "../test/ways/way.ts";
import { ways } from "../test/ways/ways.ts";
import { inSandbox } from "./support/in-sandbox.ts";
import { root } from "./support/run-tool.ts";
import { runScript, UsageError } from "./support/script.ts";
import { waysPage, type Result } from "./ways/page.ts";
import { wayText } from "./ways/report.ts";

const help = `usage: npm run test:ways [-- WORD…] [--no-helm] [--write]

Plays the ways in which people apply NetworkPolicies in a namespace that enforces restricted, through a real API server:
kubectl and Helm as programs, Argo CD and Flux by the calls that they make. Prints what was refused and what stands
afterwards; exits 1 where that is not what is expected. With WORDs only the ways whose line has one of them.

  --no-helm   leave out Helm, which is built from its Go modules (three minutes, once)
  --write     write the table of docs/reference/oracles.md
`;

await runScript(help, async (args) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { "no-helm": { type: "boolean", default: false }, write: { type: "boolean", default: false } },
  });
  if (values.write && (positionals.length > 0 || values["no-helm"]))
    throw new UsageError("--write takes every way: name none, and leave Helm in");
  const all = values["no-helm"] ? ways : [...ways, ...helmWays(await helmPrograms(toStandardError))];
  const chosen = all.filter(
    (way) =>
      positionals.length === 0 ||
      positionals.some((word) => `${way.tool} ${way.way} ${way.set}`.includes(word)),
  );
  return await inSandbox(undefined, {}, async ({ controlPlane }, { signal }) => {
    const results: Result[] = [];
    for (const [index, way] of chosen.entries()) {
      signal.throwIfAborted();
      const played = await playWay(way, controlPlane, `way-${index}`);
      const result = { way, played, asExpected: isDeepStrictEqual(played, expected(way, played)) };
      process.stdout.write(wayText(result));
      results.push(result);
    }
    const otherwise = results.filter(({ asExpected }) => !asExpected).length;
    process.stdout.write(`${results.length} ways, ${otherwise} went otherwise than expected\n`);
    if (values.write) {
      const path = join(root, "docs/reference/oracles.md");
      await writeFile(path, waysPage(results, await readFile(path, "utf8")));
    }
    return otherwise === 0 ? 0 : 1;
  });
});
