import { createServer, type Server } from "node:http";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiError } from "#src/kubernetes/api-error.ts";
import { recordedCluster, recordedFile } from "../support/recorded-cluster.ts";
import { run } from "./run.ts";

describe("ringfence doctor", () => {
  let directory: string;
  let server: Server | undefined;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "ringfence-doctor-"));
  });
  afterEach(() => {
    server?.close();
    server?.closeAllConnections();
    rmSync(directory, { recursive: true });
  });

  /** A kubeconfig for a server that answers what was recorded. */
  async function kubeconfig(name: string): Promise<string> {
    const { client } = recordedCluster(recordedFile(name));
    const listening = createServer((request, response) => {
      const url = new URL(request.url ?? "", "http://localhost");
      const { signal } = new AbortController();
      const named =
        /\/(configmaps|services|deployments|clusternetworks|v1\/namespaces)\/[^/]+$|^\/apis$/.test(
          url.pathname,
        );
      const answer = named
        ? client.get(url.pathname, signal)
        : client.list(url.pathname, Object.fromEntries(url.searchParams), signal);
      answer.then(
        (body) => response.end(JSON.stringify(body)),
        (error: unknown) => {
          response.statusCode = error instanceof ApiError ? error.status : 500;
          response.end(JSON.stringify({ kind: "Status", message: String(error) }));
        },
      );
    });
    server = listening;
    await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
    const { port } = listening.address() as AddressInfo;
    const file = join(directory, "kubeconfig");
    const contexts = [
      { name: "here", context: { cluster: "here", user: "me" } },
      { name: "nowhere", context: { cluster: "nowhere", user: "me" } },
    ];
    const clusters = [
      { name: "here", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } },
      { name: "nowhere", cluster: { server: "http://127.0.0.1:1", "insecure-skip-tls-verify": true } },
    ];
    const users = [{ name: "me", user: {} }];
    writeFileSync(
      file,
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": "here",
        contexts,
        clusters,
        users,
      }),
    );
    return file;
  }

  it.each([
    ["cni/calico/operator", 0, "NetworkPolicies are enforced (Calico)"],
    [
      "cni/flannel/alone",
      1,
      "NetworkPolicies are not enforced: they are stored and have no effect (flannel)",
    ],
    ["cni/any/nothing-permitted", 2, "Whether NetworkPolicies are enforced is unknown"],
  ])("cni on %s ends with %i", async (cluster, code, headline) => {
    const ran = await run("doctor", "cni", "--kubeconfig", await kubeconfig(cluster));
    expect(ran.stderr).toBe("");
    expect(ran.stdout.split("\n")[0]).toBe(headline);
    expect(ran.code).toBe(code);
  });

  it("--format json is for programs", async () => {
    const file = await kubeconfig("cni/k3s/disabled");
    const { code, stdout } = await run("doctor", "cni", "--kubeconfig", file, "--format", "json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, check: "cni", verdict: "not-enforced" });
  });

  it.each([
    ["dns/openshift", 0, "Pods resolve names through the DNS of OpenShift"],
    ["dns/node-local-dns-iptables", 0, "Pods resolve names through kube-dns and NodeLocal DNSCache"],
    [
      "dns/not-ready",
      2,
      "Where pods resolve names is unknown: Service kube-system/kube-dns has no ready endpoint. No policy is denied for it",
    ],
    [
      "cni/any/nothing-permitted",
      2,
      "Where pods resolve names is unknown: no DNS Service was found in kube-system or openshift-dns. No policy is denied for it",
    ],
  ])("dns on %s ends with %i", async (cluster, code, headline) => {
    const ran = await run("doctor", "dns", "--kubeconfig", await kubeconfig(cluster));
    expect(ran.stderr).toBe("");
    expect(ran.stdout.split("\n")[0]).toBe(headline);
    expect(ran.code).toBe(code);
  });

  it("dns names what it may not read, of the Services themselves too", async () => {
    const forbidden = await kubeconfig("dns-forbidden/services");
    const { code, stdout } = await run("doctor", "dns", "--kubeconfig", forbidden, "--format", "json");
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      check: "dns",
      profile: "unknown",
      why: "Services or EndpointSlices of kube-system are not known",
      missing: ["no right to list services in kube-system"],
    });
  });

  it("dns with a configuration says what it names, and what it overrides", async () => {
    const config = join(directory, "c.yaml");
    const resolvers = "dns: { resolvers: [{ addresses: [192.0.2.53] }] }\n";
    writeFileSync(
      config,
      `apiVersion: config.ringfence.dev/v1alpha1\nkind: RingfenceConfiguration\n${resolvers}`,
    );
    const file = await kubeconfig("dns/openshift");
    const { code, stdout } = await run("doctor", "dns", "--kubeconfig", file, "--config", config);
    expect(code).toBe(0);
    expect(stdout).toContain("through the resolvers that configuration names");
    expect(stdout).toContain("- Service openshift-dns/dns-default with 2 ready endpoint addresses");
  });

  it("cni believes agents in the namespaces that a configuration names", async () => {
    const config = join(directory, "c.yaml");
    const head = "apiVersion: config.ringfence.dev/v1alpha1\nkind: RingfenceConfiguration\n";
    const file = await kubeconfig("cni/kindnet/made-by-a-tenant");
    const withNames = async (names: string) => {
      writeFileSync(config, `${head}systemNamespaces: { names: [${names}] }\n`);
      return await run("doctor", "cni", "--kubeconfig", file, "--config", config);
    };
    const byDefault = await run("doctor", "cni", "--kubeconfig", file);
    expect(byDefault.code).toBe(2);
    expect(byDefault.stdout).toContain("name evil in systemNamespaces.names");
    const trusted = await withNames("kube-system, evil");
    expect(trusted).toMatchObject({ code: 0, stderr: "" });
    expect(trusted.stdout.split("\n")[0]).toBe("NetworkPolicies are enforced (kindnet)");
    // A list in the configuration replaces the default one.
    expect((await withNames("kube-system")).stdout).toContain("name kube-flannel in systemNamespaces.names");
    expect((await withNames("Evil")).stderr).toContain("systemNamespaces");
  });

  it("--context chooses another cluster; one that cannot be reached is said to be that", async () => {
    const file = await kubeconfig("cni/calico/operator");
    const { code, stdout, stderr } = await run("doctor", "cni", "--kubeconfig", file, "--context", "nowhere");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe(
      "ringfence doctor: the cluster cannot be read: connect ECONNREFUSED 127.0.0.1:1\n" +
        "See whether kubectl can, with the same kubeconfig and context.\n",
    );
  });

  it("says what is wrong with its use", async () => {
    expect(await run("doctor")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("say what to look into: cni") as string,
    });
    expect(await run("doctor", "teeth")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        'nothing called "teeth" to look into; say what to look into: cni',
      ) as string,
    });
    expect((await run("doctor", "cni", "--format", "xml")).stderr).toContain(
      "Allowed choices are text, json",
    );
    expect((await run("doctor", "cni", "--kubeconfig", join(directory, "none"))).stderr).toContain(
      "does not exist",
    );
    expect((await run("doctor", "--help")).stdout).toContain("cni");
  });
});
