import { describe, expect, it } from "vitest";
import { boolOf, flagOf, imageRepository, imageTag, versionOf } from "../../../src/network/cni/container.ts";

const withArgs = (...args: string[]) => ({ name: "c", image: "i", args, env: new Map<string, string>() });

describe("images", () => {
  it.each([
    ["calico/node", "calico/node", ""],
    ["calico/node:v3.30.2", "calico/node", "v3.30.2"],
    ["quay.io/calico/node:v3.30.2@sha256:0f", "calico/node", "v3.30.2"],
    ["registry.example.com:5000/mirror/calico/node", "mirror/calico/node", ""],
    ["registry.example.com:5000/node@sha256:0f", "node", ""],
    ["localhost/node:1", "node", "1"],
    ["", "", ""],
  ])("%s", (image, repository, tag) => {
    expect([imageRepository(image), imageTag(image)]).toEqual([repository, tag]);
  });

  it.each([
    ["v1.17.5", { major: 1, minor: 17 }],
    ["1.17.4-250521", { major: 1, minor: 17 }],
    ["v2.0", { major: 2, minor: 0 }],
    ["latest", undefined],
    ["v20240813-c6f155d6", undefined],
    ["", undefined],
  ])("version of %j", (tag, version) => {
    expect(versionOf(tag)).toEqual(version);
  });
});

describe("flags", () => {
  it.each([
    [["--run-firewall=false"], "false"],
    [["--run-firewall"], "true"],
    [["--run-firewall=true", "--run-firewall=false"], "false"],
    [["--run-firewall="], ""],
    [["--run-firewall-too=false"], undefined],
    [["run-firewall=false"], undefined],
    [["sh", "-c", "exec kube-router --run-router \\\n  --run-firewall=false\n"], "false"],
    [["sh", "-c", 'exec kube-router "--run-firewall=false"'], "false"],
    [[], undefined],
  ])("%j", (args, value) => {
    expect(flagOf(withArgs(...args), "run-firewall")).toBe(value);
  });

  it.each([
    ["1", true],
    ["T", true],
    ["False", false],
    ["0", false],
    ["yes", undefined],
    [undefined, undefined],
  ])("%j as a boolean", (text, value) => {
    expect(boolOf(text)).toBe(value);
  });
});
