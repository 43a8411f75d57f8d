import { describe, expect, test } from "vitest";
import { renderInstallation } from "../control-plane/installation.ts";
import { makeDevelopmentCertificates } from "../../scripts/support/certificates.ts";
import { clusterManifests } from "../../scripts/support/cluster-certificates.ts";
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

  test("the account may read what the view holds and nothing else", async () => {
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
      ["networking.k8s.io", ["networkpolicies"]],
      ["discovery.k8s.io", ["endpointslices"]],
      ["apps", ["deployments", "statefulsets", "daemonsets", "replicasets"]],
      ["batch", ["jobs", "cronjobs"]],
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
          expect(await may(verb, group, resource), `${verb} ${resource}`).toBe(false);
        }
      }
    }
    const hidden: [group: string, resources: string[]][] = [
      ["", ["secrets", "configmaps", "serviceaccounts", "nodes", "events"]],
      ["coordination.k8s.io", ["leases"]],
      ["cilium.io", ["ciliumendpoints", "ciliumidentities"]],
      ["apiextensions.k8s.io", ["customresourcedefinitions"]],
      ["admissionregistration.k8s.io", ["validatingwebhookconfigurations"]],
    ];
    for (const [group, resources] of hidden) {
      for (const resource of resources) expect(await may("list", group, resource), resource).toBe(false);
    }
  });

  test("npm run certs -- --cluster sets the Secret and every caBundle, and nothing else", async () => {
    // Beside the registered configurations, which the whole run needs: under other names, and called by nobody.
    const rename = (text: string): string => text.replaceAll(/^ {2}name: ringfence$/gm, "  name: certs-test");
    const rendered = await kubectl(["kustomize", "deploy/kustomize"]);
    const documents = rendered.stdout.split("---\n").filter((text) => text.includes("WebhookConfiguration"));
    const unused = rename(documents.join("---\n"))
      .replaceAll("- networkpolicies", "- nothing")
      .replaceAll("- namespaces", "- nothing");
    try {
      expect(await kubectl(["apply", "-f", "-"], { stdin: unused })).toMatchObject({ code: 0 });
      const certificates = await makeDevelopmentCertificates();
      const flags = ["--server-side", "--field-manager=ringfence-certs", "--validate=strict"];
      const patched = await kubectl(["apply", ...flags, "-f", "-"], {
        stdin: rename(clusterManifests(certificates)),
      });
      expect(patched.code, patched.stderr).toBe(0);
      const bundle = Buffer.from(certificates.authority.certificatePem).toString("base64");
      for (const kind of ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"]) {
        const path = `/apis/admissionregistration.k8s.io/v1/${kind}/certs-test`;
        const { webhooks } = (await api.admin.expect("GET", path)) as { webhooks: Entry[] };
        expect(webhooks.length).toBeGreaterThan(0);
        for (const { name, clientConfig } of webhooks) {
          expect(clientConfig.caBundle, name).toBe(bundle);
          expect(clientConfig.service, name).toMatchObject({
            name: "ringfence",
            namespace: "ringfence-system",
          });
        }
      }
    } finally {
      for (const kind of ["validatingwebhookconfiguration", "mutatingwebhookconfiguration"]) {
        await kubectl(["delete", kind, "certs-test", "--ignore-not-found"]);
      }
      await kubectl([
        "delete",
        "secret",
        "ringfence-tls",
        "--namespace=ringfence-system",
        "--ignore-not-found",
      ]);
    }
  });
});
