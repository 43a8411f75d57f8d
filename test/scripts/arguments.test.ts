import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root, runNode, type ToolResult } from "../../scripts/support/run-tool.ts";

const script = (name: string, ...args: string[]): Promise<ToolResult> =>
  runNode(join(root, "scripts/run.js"), [name, ...args]);

describe("npm run certs", () => {
  test.each(["bad name", "a..b", "-a.test", "https://a.test", ""])("refuses the name %j", async (name) => {
    const { code, output } = await script("certs", "--cluster", `--name=${name}`);
    expect(code).toBe(2);
    expect(output).toContain(`--name ${JSON.stringify(name)}: must be a DNS name or an IP address`);
  });
});
