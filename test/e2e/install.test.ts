import { X509Certificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { defaultNames, issueServing, type ServingCertificate } from "../../scripts/support/certificates.ts";
import { clusterAuthority } from "../../scripts/support/cluster-authority.ts";
import { clusterManifests } from "../../scripts/support/cluster-certificates.ts";
import { renderInstallation } from "../control-plane/installation.ts";
import type { KubectlResult } from "../control-plane/kubectl.ts";
import { readPage } from "../docs/markdown.ts";
import { controlPlane } from "./support.ts";

const { kubectl, api } = controlPlane();

interface Entry {
  readonly name: string;
  readonly clientConfig: { readonly caBundle?: string; readonly service?: object; readonly url?: string };
}

describe("deploy/kustomize", () => {
  test("every object passes the API server's strict dry run", async () => {
    const rendered = await kubectl(["kustomize", "deploy/kustomize"]);
    expect(rendered).toMatchObject({ code: 0, stderr: "" });
    const applied = await kubectl(["apply", "--dry-run=server", "--validate=strict", "-f", "-"], {
      stdin: rendered.stdout,
    });
    expect(applied.code, applied.stderr).toBe(0);
    const manifests = await renderInstallation(kubectl);
    expect(manifests.length).toBeGreaterThan(10);
    expect(applied.stdout.trimEnd().split("\n")).toHaveLength(manifests.length);
    // No warning either, e.g. of Pod Security Admission about the Deployment in its restricted namespace.
    const warnings = applied.stderr
      .split("\n")
      .filter((line) => !line.includes("missing the kubectl.kubernetes.io"));
    expect(warnings.join("\n")).toBe("");
  });

  test("the account may read what the view holds, write NetworkPolicies, and nothing else", async () => {
    const may = async (verb: string, group: string, resource: string): Promise<boolean> => {
      const body = {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: { resourceAttributes: { verb, group, resource } },
      };
      const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
      const answer = await api.ringfence.expect("POST", path, { body });
      return (answer as { status: { allowed: boolean } }).status.allowed;
    };
    const read: [group: string, resources: string[]][] = [
      ["", ["namespaces", "pods", "services"]],
      ["networking.k8s.io", ["networkpolicies", "ingresses"]],
      ["gateway.networking.k8s.io", ["httproutes"]],
      ["discovery.k8s.io", ["endpointslices"]],
      ["apps", ["deployments", "statefulsets", "daemonsets", "replicasets"]],
      ["batch", ["jobs", "cronjobs"]],
      ["admissionregistration.k8s.io", ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"]],
      ["apiregistration.k8s.io", ["apiservices"]],
      ["cilium.io", ["ciliumnetworkpolicies", "ciliumclusterwidenetworkpolicies"]],
      ["crd.projectcalico.org", ["networkpolicies", "globalnetworkpolicies"]],
      ["policy.networking.k8s.io", ["clusternetworkpolicies"]],
    ];
    for (const [group, resources] of read) {
      for (const resource of resources) {
        for (const verb of ["get", "list", "watch"]) {
          expect(await may(verb, group, resource), `${verb} ${resource}`).toBe(true);
        }
        for (const verb of ["create", "update", "patch", "delete"]) {
          // The companions; a role of its own gives that.
          const companions = group === "networking.k8s.io" && resource === "networkpolicies";
          expect(await may(verb, group, resource), `${verb} ${resource}`).toBe(companions);
        }
      }
    }
    // Nodes are looked at now and then, not followed.
    for (const verb of ["get", "list", "watch"]) {
      expect(await may(verb, "", "nodes"), `${verb} nodes`).toBe(verb === "list");
    }
    const hidden: [group: string, resources: string[]][] = [
      ["", ["secrets", "configmaps", "serviceaccounts", "events"]],
      ["coordination.k8s.io", ["leases"]],
      ["cilium.io", ["ciliumendpoints", "ciliumidentities"]],
      ["apiextensions.k8s.io", ["customresourcedefinitions"]],
    ];
    for (const [group, resources] of hidden) {
      for (const resource of resources) expect(await may("list", group, resource), resource).toBe(false);
    }
  });

  describe("as docs/tasks/install.md has it", () => {
    const page = readPage("docs/tasks/install.md");
    const flagsOf = (pattern: RegExp): string[] => {
      const [, flags] = pattern.exec(page) ?? [];
      if (flags === undefined) throw new Error(`docs/tasks/install.md has no ${pattern.source}`);
      return flags.split(" ").filter((flag) => flag !== "");
    };
    const base = flagsOf(/kubectl apply(.*) -k deploy\/kustomize$/m);
    const certs = flagsOf(/npm run --silent certs -- --cluster \| kubectl apply(.*) -f -$/m);

    test("certificates can be renewed at any time, and the manifests applied again", async () => {
      const install = await unusedInstallation();
      const authority = await clusterAuthority(install.authorityFile, 365);
      await install.succeeds(base, install.manifests);
      const first = await issueServing(authority, { names: defaultNames, days: 365 });
      await install.succeeds(certs, clusterManifests(authority, first));
      await install.trusts(first);
      const again = await clusterAuthority(install.authorityFile, 365);
      const second = await issueServing(again, { names: defaultNames, days: 365 });
      await install.succeeds(certs, clusterManifests(again, second));
      expect(await install.servedCertificate()).toBe(second.certificatePem);
      // Until the kubelet has written the Secret the old one is served.
      for (const serving of [first, second]) await install.trusts(serving);
      await install.succeeds(base, install.manifests);
      await install.trusts(second);
    });

    test("what was applied client-side, certificates and all, is taken back into order", async () => {
      const install = await unusedInstallation();
      const authority = await clusterAuthority(install.authorityFile, 365);
      const renewed = async (): Promise<string> =>
        clusterManifests(authority, await issueServing(authority, { names: defaultNames, days: 365 }));
      expect((await install.apply([], install.manifests)).code).toBe(0);
      // kubectl hands all fields of the client-side applier over to this one, which then leaves them out.
      expect((await install.apply(certs, await renewed())).stderr).toContain("sideEffects: Required value");
      expect((await install.apply(certs, await renewed())).code).toBe(1);
      await install.succeeds(base, install.manifests);
      for (let run = 0; run < 2; run += 1) await install.succeeds(certs, await renewed());
    });

    test("the webhooks can be registered after the pods are ready", async () => {
      const install = await unusedInstallation();
      const [, selector = ""] = /--selector ('[^']+')/.exec(page) ?? [];
      const without = ["--selector", selector.replaceAll("'", "")];
      const authority = await clusterAuthority(install.authorityFile, 365);
      const serving = await issueServing(authority, { names: defaultNames, days: 365 });
      const secret = await install.apply([...certs, ...without], clusterManifests(authority, serving));
      expect(secret).toMatchObject({
        code: 0,
        stdout: "secret/ringfence-tls serverside-applied\n",
        stderr: "",
      });
      expect(await install.apply([...base, ...without], install.manifests)).toMatchObject({
        code: 1,
        stderr: "error: no objects passed to apply\n",
      });
      await install.succeeds(base, install.manifests);
      await install.succeeds(certs, clusterManifests(authority, serving));
      await install.trusts(serving);
    });
  });
});

/**
 * The webhook configurations of deploy/kustomize, not yet applied, and the Secret beside the registered ones, which the
 * whole run needs: under other names, and called by nobody. Gone when the test is over.
 */
async function unusedInstallation() {
  const directory = await mkdtemp(join(tmpdir(), "ringfence-install-"));
  onTestFinished(async () => {
    await rm(directory, { recursive: true, force: true });
    for (const object of [
      "validatingwebhookconfiguration/certs-test",
      "mutatingwebhookconfiguration/certs-test",
    ])
      await kubectl(["delete", object, "--ignore-not-found"]);
    await kubectl(["delete", "-n", "ringfence-system", "secret", "ringfence-tls", "--ignore-not-found"]);
  });
  const rename = (text: string): string => text.replaceAll(/^ {2}name: ringfence$/gm, "  name: certs-test");
  const { stdout } = await kubectl(["kustomize", "deploy/kustomize"]);
  const configurations = stdout.split("---\n").filter((text) => text.includes("WebhookConfiguration"));
  const apply = (flags: readonly string[], yaml: string): Promise<KubectlResult> =>
    kubectl(["apply", ...flags, "-f", "-"], { stdin: rename(yaml) });
  return {
    authorityFile: join(directory, "cluster.pem"),
    manifests: configurations
      .join("---\n")
      .replaceAll("- networkpolicies", "- nothing")
      .replaceAll("- namespaces", "- nothing"),
    apply,
    succeeds: async (flags: readonly string[], yaml: string): Promise<void> => {
      expect(await apply(flags, yaml)).toMatchObject({ code: 0, stderr: "" });
    },
    /** Every entry is as deploy/kustomize has it, and its caBundle verifies this certificate. */
    trusts: async ({ certificatePem }: ServingCertificate): Promise<void> => {
      const serving = new X509Certificate(certificatePem);
      for (const kind of ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"]) {
        const path = `/apis/admissionregistration.k8s.io/v1/${kind}/certs-test`;
        const { webhooks } = (await api.admin.expect("GET", path)) as { webhooks: Entry[] };
        expect(webhooks.length).toBeGreaterThan(0);
        for (const { name, clientConfig } of webhooks) {
          const bundle = Buffer.from(clientConfig.caBundle ?? "", "base64").toString();
          expect(serving.verify(new X509Certificate(bundle).publicKey), name).toBe(true);
          expect(clientConfig.service, name).toMatchObject({
            name: "ringfence",
            namespace: "ringfence-system",
          });
        }
      }
    },
    servedCertificate: async (): Promise<string> => {
      const path = "/api/v1/namespaces/ringfence-system/secrets/ringfence-tls";
      const { data } = (await api.admin.expect("GET", path)) as { data: Record<string, string> };
      return Buffer.from(data["tls.crt"] ?? "", "base64").toString();
    },
  };
}
