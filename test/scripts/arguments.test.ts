import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root, runNode, type ToolResult } from "../../scripts/support/run-tool.ts";

const run = join(root, "scripts/run.js");

const script = (name: string, ...args: string[]): Promise<ToolResult> => runNode(run, [name, ...args]);

describe("npm run certs", () => {
  test.each(["bad name", "a..b", "-a.test", "https://a.test", ""])("refuses the name %j", async (name) => {
    const { code, output } = await script("certs", "--cluster", `--name=${name}`);
    expect(code).toBe(2);
    expect(output).toContain(`--name ${JSON.stringify(name)}: must be a DNS name or an IP address`);
  });
});

describe("a wrong command line is told in a line or two, without a stack", () => {
  const wrong: [args: string[], code: number, text: RegExp][] = [
    [["docs", "--bogus"], 2, /^Unknown option '--bogus'.*\nSee --help\.\n$/],
    [["build", "--bogus"], 2, /^Unknown option '--bogus'.*\nSee --help\.\n$/],
    [["docs", "--help"], 0, /^usage: npm run docs /],
    [["build", "--help"], 0, /^usage: npm run build /],
    [["sandbox", "--config"], 2, /^--config needs a file\n/],
    [
      ["sandbox", "--config", "none.yaml"],
      2,
      /\/none\.yaml: the configuration cannot be read: there is no such file\n$/,
    ],
    [
      ["sandbox", "--config", "test"],
      2,
      /\/test: the configuration cannot be read: it is a folder; name a file\n$/,
    ],
    [["no-such-script"], 2, /^Cannot find module .*\nnpm run shows the names of the scripts\.\n$/],
  ];
  test.each(wrong)("%j", async (args, code, text) => {
    const [name = "", ...rest] = args;
    const ran = await script(name, ...rest);
    expect(ran.output).toMatch(text);
    expect(ran.code).toBe(code);
  });
});

describe("npm run sandbox", () => {
  test("tells every fault of the configuration, in the user's own file, before anything is started", async () => {
    const directory = await mkdtemp(join(tmpdir(), "ringfence-arguments-"));
    const file = join(directory, "bad.yaml");
    const faults = Array.from({ length: 17 }, (_, index) => `fault${index}: 1\n`);
    await writeFile(
      file,
      ["apiVersion: config.ringfence.dev/v1alpha1\nkind: RingfenceConfiguration\n", ...faults].join(""),
    );
    const { code, output } = await script("sandbox", "--config", file);
    await rm(directory, { recursive: true });
    expect(code).toBe(2);
    const lines = output.trimEnd().split("\n");
    expect(lines).toHaveLength(17);
    for (const [index, line] of lines.entries())
      expect(line).toContain(`${file}:${index + 3}:1: fault${index}: is not known`);
  });

  test("says how to pass what npm took for itself", async () => {
    const env = { ...process.env, npm_config_config: "true" };
    const { code, output } = await runNode(run, ["sandbox", "f", "kubectl"], { env });
    expect(code).toBe(2);
    expect(output).toContain("npm took --config for itself. Write: npm run sandbox -- --config FILE");
  });
});

test("without its packages a script says what to install", async () => {
  const directory = await mkdtemp(join(tmpdir(), "ringfence-arguments-"));
  await writeFile(join(directory, "package.json"), '{ "type": "module" }\n');
  await copyFile(run, join(directory, "run.js"));
  await writeFile(join(directory, "some.ts"), 'import "reflect-metadata";\n');
  const { code, output } = await runNode(join(directory, "run.js"), ["some"]);
  await rm(directory, { recursive: true });
  expect(code).toBe(2);
  expect(output).toMatch(
    /^Cannot find package 'reflect-metadata' .*\nInstall what Ringfence needs first: npm ci\n$/,
  );
});
