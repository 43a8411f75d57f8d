import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments, stringify } from "yaml";
import type { DevelopmentCertificates } from "./certificates.ts";

const kustomizeDirectory = join(import.meta.dirname, "../../deploy/kustomize");

interface WebhookConfiguration {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly webhooks: readonly { readonly name: string }[];
}

/**
 * YAML for `kubectl apply --server-side`: the Secret that the Deployment mounts, and for each webhook configuration of
 * deploy/kustomize the caBundle of every entry and nothing else. Entries are merged by their name, so an applier of
 * its own (`--field-manager ringfence-certs`) owns just these fields.
 */
export function clusterManifests({ authority, serving }: DevelopmentCertificates): string {
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/tls",
    metadata: { name: "ringfence-tls", namespace: "ringfence-system" },
    data: {
      "ca.crt": base64(authority.certificatePem),
      "tls.crt": base64(serving.certificatePem),
      "tls.key": base64(serving.keyPem),
    },
  };
  const patches = ["validating-webhooks.yaml", "mutating-webhooks.yaml"]
    .flatMap(readConfigurations)
    .map(({ apiVersion, kind, metadata, webhooks }) => ({
      apiVersion,
      kind,
      metadata: { name: metadata.name },
      webhooks: webhooks.map(({ name }) => ({
        name,
        clientConfig: { caBundle: base64(authority.certificatePem) },
      })),
    }));
  return [secret, ...patches].map((object) => `---\n${stringify(object, { lineWidth: 0 })}`).join("");
}

function readConfigurations(file: string): WebhookConfiguration[] {
  const text = readFileSync(join(kustomizeDirectory, file), "utf8");
  return parseAllDocuments(text).map((document) => document.toJS() as WebhookConfiguration);
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
