import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { typeOfReason } from "#src/serve/companion-reports.ts";
import { readPage, repository } from "./markdown.ts";

// docs/reference/labels-and-events.md against the sources.

const page = readPage("docs/reference/labels-and-events.md");

it("has every key of ours that the sources name", () => {
  const sources = readdirSync(new URL("src/", repository), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => readFileSync(new URL(`src/${path}`, repository), "utf8"));
  const keys = new Set(sources.flatMap((text) => text.match(/"ringfence\.dev\/[a-z-]+"/g) ?? []));
  // The name of the controller in Events.
  keys.delete('"ringfence.dev/companions"');
  expect(keys.size).toBeGreaterThanOrEqual(3);
  for (const key of keys) expect(page).toContain(`\`${key.slice(1, -1)}`);
});

it("has every reason of Events, with its type, and no other", () => {
  const rows = [...page.matchAll(/^\| `([A-Z]\w+)` +\| (\w+) /gm)].map(([, reason, type]) => [reason, type]);
  expect(Object.fromEntries(rows)).toEqual(typeOfReason);
});
