import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { watchConfiguration } from "../../src/config/reload.ts";
import type { ConfigurationWatch, WatchOptions } from "../../src/config/reload.ts";
import { someRules } from "./rules.ts";

const content = (enforcement: string) =>
  `apiVersion: config.ringfence.dev/v1alpha1\nkind: RingfenceConfiguration\nenforcement: ${enforcement}\n`;

let directory: string;
let path: string;
let started: ConfigurationWatch | undefined;
let changes: string[];
let errors: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ringfence-reload-"));
  path = join(directory, "c.yaml");
  writeFileSync(path, content("on"));
  changes = [];
  errors = [];
});

afterEach(() => {
  started?.close();
  started = undefined;
  rmSync(directory, { recursive: true, force: true });
});

/** Events alone find changes unless a test asks for polls. */
function start(options: Partial<WatchOptions> = {}): ConfigurationWatch {
  started = watchConfiguration(path, {
    rules: someRules,
    onChange: (settings) => changes.push(settings.enforcement),
    onError: (error) => errors.push(error.message),
    pollInterval: 3_600_000,
    settle: 5,
    ...options,
  });
  return started;
}

const seen = (assertion: () => void) => vi.waitFor(assertion, { timeout: 10_000, interval: 5 });

describe("watchConfiguration", () => {
  it("refuses to begin with a file that cannot be used", () => {
    writeFileSync(path, content("later"));
    expect(() => start()).toThrow(/c\.yaml:3:14: enforcement/);
    rmSync(path);
    expect(() => start()).toThrow(/cannot be read/);
  });

  it("takes over what is written in place", async () => {
    const loaded = new Date("2026-01-01T00:00:00Z");
    const later = new Date("2026-01-02T00:00:00Z");
    const times = [loaded, later];
    const watch = start({ now: () => times.shift() ?? later });
    expect(watch.state().loadedAt).toEqual(loaded);
    const before = watch.state().hash;
    writeFileSync(path, content("warn"));
    await seen(() => expect(watch.settings().enforcement).toBe("warn"));
    expect(changes).toEqual(["warn"]);
    expect(watch.state()).toEqual({
      loadedAt: later,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect(watch.state().hash).not.toBe(before);
  });

  it("takes over a file renamed over it", async () => {
    const watch = start();
    writeFileSync(join(directory, "new"), content("off"));
    renameSync(join(directory, "new"), path);
    await seen(() => expect(watch.settings().enforcement).toBe("off"));
  });

  it("takes over a swapped ..data symlink, as kubelet updates a ConfigMap", async () => {
    const version = (name: string, enforcement: string) => {
      mkdirSync(join(directory, name));
      writeFileSync(join(directory, name, "c.yaml"), content(enforcement));
      symlinkSync(name, join(directory, "..data_tmp"));
      renameSync(join(directory, "..data_tmp"), join(directory, "..data"));
    };
    version("..v1", "on");
    rmSync(path);
    symlinkSync("..data/c.yaml", path);
    const watch = start();
    version("..v2", "warn");
    await seen(() => expect(watch.settings().enforcement).toBe("warn"));
    version("..v3", "off");
    await seen(() => expect(watch.settings().enforcement).toBe("off"));
    expect(changes).toEqual(["warn", "off"]);
  });

  it("keeps the last good settings of a broken file, says so once, and takes over the mended one", async () => {
    const watch = start();
    writeFileSync(path, content("later"));
    await seen(() => expect(errors).toHaveLength(1));
    expect(watch.settings().enforcement).toBe("on");
    expect(watch.state().error?.message).toContain("c.yaml:3:14");
    watch.check();
    expect(errors).toHaveLength(1);
    writeFileSync(path, content("warn"));
    await seen(() => expect(watch.settings().enforcement).toBe("warn"));
    expect(watch.state().error).toBeUndefined();
  });

  it("clears the fault when the file goes back to what is in force", async () => {
    const watch = start();
    writeFileSync(path, "");
    await seen(() => expect(errors).toHaveLength(1));
    writeFileSync(path, content("on"));
    await seen(() => expect(watch.state().error).toBeUndefined());
    expect(changes).toEqual(["on"]);
  });

  it("keeps the last good settings of a deleted file and takes over a new one", async () => {
    const watch = start();
    rmSync(path);
    await seen(() => expect(errors).toHaveLength(1));
    expect(errors[0]).toContain("there is no such file");
    expect(watch.settings().enforcement).toBe("on");
    watch.check();
    expect(errors).toHaveLength(1);
    writeFileSync(path, content("off"));
    await seen(() => expect(watch.settings().enforcement).toBe("off"));
  });

  it("survives a rule whose options fail in reading", () => {
    let broken = false;
    const options = z.unknown().transform((value) => {
      if (broken) throw new TypeError("a bug of the rule");
      return value;
    });
    const [rule] = someRules;
    if (rule === undefined) throw new Error("no rule");
    const watch = start({ rules: [{ ...rule, options }] });
    broken = true;
    writeFileSync(path, content("warn"));
    watch.check();
    expect(errors).toEqual([expect.stringContaining("reading the configuration failed: a bug of the rule")]);
    expect(watch.settings().enforcement).toBe("on");
  });

  it("counts only changes of content", async () => {
    const watch = start();
    writeFileSync(path, content("on"));
    writeFileSync(join(directory, "another.yaml"), "x");
    watch.check();
    // A later real change shows that the earlier events have been dealt with.
    writeFileSync(path, content("warn"));
    await seen(() => expect(changes).toEqual(["warn"]));
    expect(errors).toEqual([]);
  });

  it("polls where no events come: the directory itself is replaced", async () => {
    const watch = start({ pollInterval: 10 });
    renameSync(directory, `${directory}.old`);
    mkdirSync(directory);
    writeFileSync(path, content("off"));
    await seen(() => expect(watch.settings().enforcement).toBe("off"));
    rmSync(`${directory}.old`, { recursive: true });
  });

  it("looks no more once it is closed", async () => {
    const closed = start({ pollInterval: 5 });
    closed.close();
    writeFileSync(path, content("off"));
    const other = start({ pollInterval: 5 });
    writeFileSync(path, content("warn"));
    await seen(() => expect(other.settings().enforcement).toBe("warn"));
    expect(closed.settings().enforcement).toBe("on");
  });
});
