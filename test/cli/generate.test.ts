import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { dnsPolicy } from "../../src/cli/generate.ts";
import { ruleOfFlags } from "../../src/network/dns/written.ts";
import { blocksOf, readPage } from "../docs/markdown.ts";
import { run } from "./run.ts";

const ports = (port: number) => [
  { protocol: "UDP", port },
  { protocol: "TCP", port },
];

describe("ringfence generate dns", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "ringfence-generate-"));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  /** A configuration file with this section. */
  function configuration(section: string): string {
    const path = join(directory, "c.yaml");
    const head = "apiVersion: config.ringfence.dev/v1alpha1\nkind: RingfenceConfiguration\n";
    writeFileSync(path, head + section);
    return path;
  }

  it("prints what docs/tasks/allow-dns.md shows for those who cannot run it", async () => {
    const shown = blocksOf(readPage("docs/tasks/allow-dns.md")).find(({ language }) => language === "yaml");
    expect((await run("generate", "dns", "-n", "shop")).stdout).toBe(shown?.text);
  });

  it("prints a policy for kube-dns and nothing else", async () => {
    const { code, stdout, stderr } = await run("generate", "dns", "-n", "shop");
    expect(code).toBe(0);
    expect(stderr).toBe("");
    expect(parse(stdout)).toEqual({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "allow-dns", namespace: "shop" },
      spec: {
        podSelector: {},
        policyTypes: ["Egress"],
        egress: [
          {
            to: [
              {
                namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
                podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
              },
            ],
            ports: ports(53),
          },
        ],
      },
    });
  });

  it("leaves the namespace to kubectl where none is given", async () => {
    const { stdout } = await run("generate", "dns");
    expect(parse(stdout)).toEqual(dnsPolicy(undefined, ruleOfFlags({})));
    expect(stdout).not.toContain("namespace:");
  });

  it("opens the resolvers that configuration names instead", async () => {
    const path = configuration(
      "dns: { resolvers: [{ namespace: openshift-dns, pods: { dns: default }, ports: [5353] }, { addresses: [169.254.20.10] }] }\n",
    );
    const { code, stdout } = await run("generate", "dns", "--config", path);
    expect(code).toBe(0);
    expect(parse(stdout)).toMatchObject({
      spec: {
        egress: [
          {
            to: [
              {
                namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "openshift-dns" } },
                podSelector: { matchLabels: { dns: "default" } },
              },
              { ipBlock: { cidr: "169.254.20.10/32" } },
            ],
            ports: [...ports(53), ...ports(5353)],
          },
        ],
      },
    });
  });

  it("opens what --to and --port name", async () => {
    const openshift = "openshift-dns/dns.operator.openshift.io/daemonset-dns=default,app=dns";
    const to = ["--to", openshift, "--to", "169.254.20.10", "--to", "fd00::a", "--to", "dns/"];
    const { code, stdout } = await run("generate", "dns", ...to, "--port", "5353", "--port", "53");
    expect(code).toBe(0);
    expect(parse(stdout)).toMatchObject({
      spec: {
        egress: [
          {
            to: [
              {
                namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "openshift-dns" } },
                podSelector: {
                  matchLabels: { "dns.operator.openshift.io/daemonset-dns": "default", app: "dns" },
                },
              },
              { ipBlock: { cidr: "169.254.20.10/32" } },
              { ipBlock: { cidr: "fd00::a/128" } },
              { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "dns" } } },
            ],
            ports: [...ports(5353), ...ports(53)],
          },
        ],
      },
    });
  });

  it("says what is wrong with a configuration", async () => {
    const { code, stdout, stderr } = await run("generate", "dns", "--config", configuration("dns: 1\n"));
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain("c.yaml:3:6: dns: must be a mapping");
  });

  it.each([
    [["generate"], "say what to generate: dns"],
    [["generate", "http"], "there is nothing called"],
    [["generate", "dns", "-n", "Shop"], "Write the name of a namespace"],
    [["generate", "dns", "--resolver", "x"], "unknown option '--resolver'"],
    [["generate", "dns", "--to", "kube-dns"], "Write an address, or NAMESPACE/LABEL=VALUE"],
    [["generate", "dns", "--to", "kube-system/kube-dns"], "Write an address, or NAMESPACE/LABEL=VALUE"],
    [["generate", "dns", "--port", "0"], "Write a number from 1 to 65535"],
    [["generate", "dns", "--config", "c.yaml", "--port", "53"], "--config names resolvers and ports"],
  ])("refuses %j", async (argv, text) => {
    const { code, stdout, stderr } = await run(...argv);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(text);
  });

  it("explains itself", async () => {
    const { code, stdout } = await run("generate", "dns", "--help");
    expect(code).toBe(0);
    expect(stdout).toContain("--namespace");
  });
});
