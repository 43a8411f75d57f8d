import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defaultSystemNamespaces } from "../../../src/config/schema.ts";
import { namedObjects } from "../../../src/kubernetes/facts-list.ts";
import { readClusterFacts } from "../../../src/kubernetes/facts.ts";
import { cniVerdict } from "../../../src/network/cni-verdict.ts";
import { plugins } from "../../../src/network/cni/plugins.ts";
import { recordedCluster, recordedFacts, recordedFile } from "../../support/recorded-cluster.ts";

const folder = new URL("../../fixtures/facts/", import.meta.url);
const verdicts = ["enforced", "not-enforced", "unknown"] as const;

/** What the first document of a recorded cluster says of the verdict. */
const expected = z.looseObject({
  /** Where the shapes and flags are from. */
  source: z.string().min(1),
  /** Namespaces whose agents are believed, besides the default ones. */
  trusted: z.array(z.string()).default([]),
  verdict: z.enum(verdicts),
  plugins: z.record(z.string(), z.enum(verdicts)),
  /** Parts of a line of each kind. */
  evidence: z.array(z.string()).default([]),
  caveats: z.array(z.string()).default([]),
  missing: z.array(z.string()).default([]),
  /** All that the engines do not implement, where it is told. */
  gaps: z.array(z.string()).optional(),
});

const cases = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".yaml"))
  .map((entry) => `${entry.parentPath}/${entry.name}`)
  .map((file) => ({ file, name: file.slice(fileURLToPath(folder).length) }))
  .filter(({ name }) => name.startsWith("cni/"))
  .sort((a, b) => (a.name < b.name ? -1 : 1));

const trustedWith = (names: readonly string[]) => new Set([...defaultSystemNamespaces, ...names]);

const pluginOf = (name: string): string => name.split("/")[1] ?? "";

describe("the CNI verdict on recorded clusters", () => {
  it.each(cases)("$name", async ({ file }) => {
    const told = expected.parse(recordedCluster(file).head);
    const verdict = cniVerdict(await recordedFacts(file), trustedWith(told.trusted));
    expect(verdict.verdict).toBe(told.verdict);
    expect(Object.fromEntries(verdict.plugins.map((each) => [each.id, each.verdict]))).toEqual(told.plugins);
    const lines = {
      evidence: verdict.evidence.map(({ object, field, says }) => `${object}, ${field}: ${says}`),
      caveats: verdict.caveats,
      missing: verdict.missing,
    };
    for (const kind of ["evidence", "caveats", "missing"] as const) {
      for (const part of told[kind]) expect(lines[kind]).toContainEqual(expect.stringContaining(part));
    }
    expect(verdict.missing).toHaveLength(told.missing.length);
    if (told.gaps !== undefined)
      expect(verdict.gaps.map(({ plugin, feature }) => `${plugin}: ${feature}`)).toEqual(told.gaps);
    if (verdict.verdict !== "unknown") expect(verdict.evidence).not.toHaveLength(0);
  });
});

describe("the list of plugins", () => {
  it("has no id twice", () => {
    expect(new Set(plugins.map(({ id }) => id)).size).toBe(plugins.length);
  });

  it("holds a plugin of every module that is named after one, and each has its module", () => {
    const helpers = ["agents", "aws-config", "container", "deployment", "felix", "plugin", "plugins"];
    const modules = readdirSync(new URL("../../../src/network/cni/", import.meta.url))
      .map((name) => name.replace(/\.ts$/, ""))
      .filter((name) => !helpers.includes(name));
    expect(modules.sort()).toEqual(plugins.map(({ id }) => id).sort());
  });

  it("is that of the folders, but for what concerns none", () => {
    expect([...new Set(cases.map(({ name }) => pluginOf(name)))].sort()).toEqual(
      [...plugins.map(({ id }) => id), "any"].sort(),
    );
  });

  it("is told in the reference, but for what is only a sign that nothing is known", () => {
    const page = readFileSync(new URL("../../../docs/reference/cni.md", import.meta.url), "utf8");
    const told = plugins.filter(({ gives }) => gives.join() !== "unknown");
    for (const { title } of told) expect(page).toContain(`| ${title} |`);
  });

  it.each(plugins)("$id: a recorded cluster shows each verdict that it gives", async (plugin) => {
    const own = cases.filter(({ name }) => pluginOf(name) === plugin.id);
    const shown = new Set<string>();
    for (const { file } of own) {
      let given: string | undefined;
      const noting = {
        ...plugin,
        find: (surroundings: Parameters<typeof plugin.find>[0]) => {
          const found = plugin.find(surroundings);
          given = found?.verdict;
          return found;
        },
      };
      const { trusted } = expected.parse(recordedCluster(file).head);
      cniVerdict(await recordedFacts(file), trustedWith(trusted), [noting]);
      if (given !== undefined) shown.add(given);
    }
    expect([...shown].sort()).toEqual([...plugin.gives].sort());
  });
});

describe("a right that is missing", () => {
  const rights = [
    "get /apis",
    "list daemonsets.apps",
    "list nodes",
    "get clusternetworks.network.openshift.io default",
    ...namedObjects.configMaps.map((id) => `get configmaps ${id}`),
    ...namedObjects.deployments.map((id) => `get deployments.apps ${id}`),
  ];

  it.each(cases)("leaves the verdict on $name as it is or makes it unknown", async ({ file }) => {
    const cluster = recordedCluster(file);
    const { verdict: told, trusted } = expected.parse(cluster.head);
    for (const right of rights) {
      const facts = await readClusterFacts(cluster.clientWithout(right), new AbortController().signal);
      const { verdict, missing } = cniVerdict(facts, trustedWith(trusted));
      expect([told, "unknown"], right).toContain(verdict);
      // What turned unknown by it says so.
      if (verdict !== told) expect(missing).toContainEqual(`no right to ${right}`);
    }
  });
});

describe("namespaces that are not trusted", () => {
  it.each(cases)("no agent of $name is believed where none is", async ({ file }) => {
    const facts = await recordedFacts(file);
    const { question } = facts.daemonSets;
    const bare = cniVerdict({ ...facts, daemonSets: { state: "read", question, value: [] } }, new Set());
    // What the nodes alone show, or unknown: such DaemonSets add nothing but doubt.
    expect([bare.verdict, "unknown"]).toContain(cniVerdict(facts, new Set()).verdict);
  });

  it("names no more than a few of many, and says how many more there are", async () => {
    const facts = await recordedFacts(recordedFile("cni/kindnet/made-by-a-tenant"));
    if (facts.daemonSets.state !== "read") throw new Error("the DaemonSets were not read");
    const [forged] = facts.daemonSets.value;
    if (forged === undefined) throw new Error("there is none");
    const value = Array.from({ length: 12 }, (_, index) => ({ ...forged, name: `kindnet-${index}` }));
    const { verdict, evidence, missing } = cniVerdict(
      { ...facts, daemonSets: { ...facts.daemonSets, value } },
      trustedWith([]),
    );
    expect(verdict).toBe("unknown");
    expect([evidence.length, missing.length]).toEqual([5, 6]);
    expect(missing.at(-1)).toBe("7 more DaemonSets that look like an agent are in none of systemNamespaces");
  });
});
