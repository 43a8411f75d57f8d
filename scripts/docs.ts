import { parseArgs } from "node:util";
import { rules } from "../src/rules/index.ts";
import { pages, seenTexts, update } from "./docs/files.ts";
import { runScript } from "./support/script.ts";

const help = `usage: npm run docs [-- --check]

Writes what is generated in docs/.
  --check   write nothing, and exit with 1 where something differs
`;

await runScript(help, async (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: { check: { type: "boolean", default: false } },
  });
  const root = new URL("../", import.meta.url);
  const changed = update(root, await pages(rules, seenTexts(root)), !values.check);
  for (const path of changed) console.log(values.check ? `${path} is out of date` : `${path} written`);
  if (!values.check || changed.length === 0) return 0;
  console.error("Run `npm run docs` and commit what it writes.");
  return 1;
});
