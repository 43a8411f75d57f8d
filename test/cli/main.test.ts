import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { main } from "#src/main.ts";
import { version } from "#src/version.ts";

async function run(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let stdout = "";
  let stderr = "";
  const io = {
    stdout: (text: string) => void (stdout += text),
    stderr: (text: string) => void (stderr += text),
  };
  const code = await main(argv, io);
  return { code, stdout, stderr };
}

describe("ringfence", () => {
  test("--version is that of package.json", async () => {
    const manifest = JSON.parse(
      await readFile(new URL("../../package.json", import.meta.url), "utf8"),
    ) as object;
    expect(manifest).toHaveProperty("version", version);
    expect(await run("--version")).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  test.each([["--help"], ["-h"], ["help"]])("%s lists the commands on stdout", async (flag) => {
    const { code, stdout, stderr } = await run(flag);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^ {2}serve {2,}\S/m);
  });

  test("help COMMAND is COMMAND --help", async () => {
    expect(await run("help", "generate")).toEqual(await run("generate", "--help"));
  });

  test("without a command: the same on stderr, exit code 2", async () => {
    const { code, stdout, stderr } = await run();
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Usage: ringfence COMMAND");
  });

  test("an unknown command: exit code 2, and the one that was meant", async () => {
    const { code, stderr } = await run("sevre");
    expect(code).toBe(2);
    expect(stderr).toContain('there is no command "sevre"; did you mean "serve"?');
    expect((await run("zzz")).stderr).not.toContain("did you mean");
  });
});

test.each([["serve"], ["rules"], ["generate"], ["generate", "dns"], ["doctor", "cni"]])(
  "the usage of %s %s begins with the program's name",
  async (...command) => {
    const { stdout } = await run(...command, "--help");
    expect(stdout).toMatch(new RegExp(`^Usage: ringfence ${command.join(" ")} `));
  },
);

describe("ringfence serve", () => {
  const files = ["--tls-cert-file=c", "--tls-private-key-file=k"];

  test("--help says every flag with its default", async () => {
    const { code, stdout } = await run("serve", "--help");
    expect(code).toBe(0);
    for (const flag of [
      "config",
      "kubeconfig",
      "tls-cert-file",
      "tls-private-key-file",
      "bind-address",
      "port",
    ]) {
      expect(stdout).toContain(`--${flag} `);
    }
    expect(stdout).toMatch(/--port .*\n?.*9443/);
    expect(stdout).toMatch(/--health-port .*\n?.*8080/);
    expect(stdout).toMatch(/--shutdown-delay .*\n?.*default: 5s\)/);
  });

  test.each<[string, string[], RegExp]>([
    ["a missing flag", files, /required option '--config <file>'/],
    ["an unknown flag", ["--config=x", ...files, "--prot=1"], /unknown option '--prot=1'/],
    [
      "one mistyped",
      ["--confg=x", ...files],
      /unknown option '--confg=x'; required option '--config <file>'/,
    ],
    ["a port that is none", ["--config=x", ...files, "--port=70000"], /from 0 to 65535/],
    ["a delay that is none", ["--config=x", ...files, "--shutdown-delay=soon"], /5s or 500ms/],
    ["a level that is none", ["--config=x", ...files, "--log-level=loud"], /debug, info, warn, error/],
    ["an argument too many", ["--config=x", ...files, "more"], /too many arguments/],
  ])("%s: exit code 2 and what to write", async (_, args, text) => {
    const { code, stdout, stderr } = await run("serve", ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(text);
    expect(stderr).toContain("ringfence serve --help");
  });

  test("a certificate that cannot be had: exit code 2, no stack", async () => {
    const { code, stderr } = await run("serve", "--config=/nowhere/x.yaml", ...files, "--log-level=error");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^ringfence serve: cannot serve TLS with c and k: /);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
