import { sections, untried, type Requirement } from "./list.ts";
import type { Standing } from "./results.ts";

/** docs/reference/requirements.md: every requirement, the tests that hold it, and those that none can hold yet. */
export function requirementsPage(standing: (id: string) => Standing): string {
  const held = sections.flatMap(({ title, requirements }) => [
    `## ${title}`,
    "",
    "| id | requirement | tests |",
    "| --- | --- | --- |",
    ...requirements.map((requirement) => row(requirement, standing(requirement.id))),
    "",
  ]);
  const notHeld = [
    "## Not held by a test",
    "",
    "| id | requirement | why |",
    "| --- | --- | --- |",
    ...untried.map(({ id, says, reason }) => `| ${id} | ${cell(says)} | ${cell(reason)} |`),
    "",
  ];
  return [
    "# Requirements",
    "",
    "What kube-apiserver, kubectl and those who run a cluster may rely on. A test names the requirements that it holds in",
    "its title; `npm run requirements` prints each with its tests and how they went, and exits 1 on a gap. This page is",
    "written by `npm run requirements -- --write`.",
    "",
    ...held,
    ...notHeld,
  ].join("\n");
}

function row({ id, says }: Requirement, { tests }: Standing): string {
  const files = [...new Set(tests.map(({ file }) => file))].sort();
  const links = files.map((file) => `[${file.replace(/^test\//, "")}](../../${file})`);
  return `| ${id} | ${cell(says)} | ${links.join("<br>")} |`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replace(/\b(__proto__)\b/, "`$1`");
}
