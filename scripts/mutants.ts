// npm run test:mutants: sound sets of policies, broken as people break them.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { newestOf } from "../src/model/rule-versions.ts";
import { rules as every } from "../src/rules/index.ts";
import { Random } from "../test/fuzz/random.ts";
import { deniedTogether } from "../test/mutants/judge.ts";
import { ordersOf } from "../test/mutants/orders.ts";
import { makeSets } from "../test/mutants/recipes/index.ts";
import { runSet, type SetResult } from "../test/mutants/run.ts";
import type { PolicySetCase } from "../test/mutants/set.ts";
import { tallyOf } from "../test/mutants/tally.ts";
import { tallyText, usualSeeds, withSeededFaults } from "./mutants/report.ts";
import { root } from "./support/run-tool.ts";
import { runScript, UsageError } from "./support/script.ts";

const rules = newestOf(every);

const help = `usage: npm run test:mutants [-- --seeds N] [--write]

Makes well-formed sets of network policies by recipe, applies each in many orders, breaks each as people do, one mistake
at a time, and judges all of it as an admission request. Prints how often which rule noticed which mistake (in brackets:
the rule that must), and what stays unnoticed and why. Exits 1 where a sound set is denied, a mistake stays unnoticed that
a rule promises to notice, or baseline denies something else.

  --seeds N   sets of each recipe (${usualSeeds})
  --write     write the table into docs/reference/oracles.md
`;

await runScript(help, async (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: { seeds: { type: "string" }, write: { type: "boolean", default: false } },
  });
  const each = Number(values.seeds ?? usualSeeds);
  if (!Number.isSafeInteger(each) || each < 1) throw new UsageError("--seeds needs a whole number");
  if (values.write && values.seeds !== undefined) throw new UsageError("--write takes the usual seeds");
  const results: SetResult[] = [];
  const denied: string[] = [];
  for (const set of makeSets(each)) {
    results.push(await runSet(set));
    denied.push(...(await deniedInSomeOrder(set)));
  }
  const tally = tallyOf(results, rules);
  const all = { ...tally, faults: [...tally.faults, ...denied] };
  process.stdout.write(tallyText(all, rules));
  if (values.write) {
    const path = join(root, "docs/reference/oracles.md");
    await writeFile(path, withSeededFaults(await readFile(path, "utf8"), tally, rules));
  }
  return all.faults.length === 0 ? 0 : 1;
});

async function deniedInSomeOrder(set: PolicySetCase): Promise<string[]> {
  for (const order of ordersOf(set.policies, new Random(set.seed, 7))) {
    const denied = await deniedTogether(set, "baseline", order);
    const names = order.map(({ metadata }) => metadata.name).join(", ");
    if (denied.length > 0)
      return [`${set.recipe} ${set.seed} in the order ${names}: ${denied.join(", ")} denied`];
  }
  return [];
}
