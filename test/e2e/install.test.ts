import { describe, expect, test } from "vitest";
import { parseConfiguration } from "#src/config/load.ts";
import { rules } from "#src/rules/index.ts";
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

  test("the configuration in the ConfigMap is one that Ringfence takes", async () => {
    const manifests = await renderInstallation(kubectl);
    const configMap = manifests.find(({ kind }) => kind === "ConfigMap") as
      { data?: Record<string, string> } | undefined;
    const text = configMap?.data?.["config.yaml"] ?? "";
    const settings = parseConfiguration(Buffer.from(text), "config.yaml", rules);
    expect(settings.enforcement).toBe("on");
    expect(settings.operators?.groups).toEqual(new Set(["system:masters"]));
  });

  test("the account may read what the view holds and nothing else", async () => {
    const can = async (verb: string, resource: string): Promise<string> =>
      (
        await kubectl(["auth", "can-i", verb, resource, "--all-namespaces"], { as: "ringfence" })
      ).stdout.trim();
    for (const resource of [
      "namespaces",
      "networkpolicies.networking.k8s.io",
      "pods",
      "services",
      "endpointslices.discovery.k8s.io",
      "deployments.apps",
      "statefulsets.apps",
      "daemonsets.apps",
      "replicasets.apps",
      "jobs.batch",
      "cronjobs.batch",
    ]) {
      for (const verb of ["get", "list", "watch"]) {
        expect(await can(verb, resource), `${verb} ${resource}`).toBe("yes");
      }
      expect(await can("update", resource), `update ${resource}`).toBe("no");
    }
    for (const resource of [
      "secrets",
      "configmaps",
      "serviceaccounts",
      "nodes",
      "leases.coordination.k8s.io",
    ]) {
      expect(await can("list", resource), `list ${resource}`).toBe("no");
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
