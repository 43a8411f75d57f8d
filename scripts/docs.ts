// Writes what is generated in docs/. `--check` writes nothing and exits 1 where something differs.
import { parseArgs } from "node:util";
import { rules } from "../src/rules/index.ts";
import { pages, seenTexts, update } from "./docs/files.ts";

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const root = new URL("../", import.meta.url);
const changed = update(root, await pages(rules, seenTexts(root)), !values.check);
for (const path of changed) console.log(values.check ? `${path} is out of date` : `${path} written`);
if (values.check && changed.length > 0) {
  console.error("Run `npm run docs` and commit what it writes.");
  process.exitCode = 1;
}
