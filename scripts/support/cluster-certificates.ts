import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments, stringify } from "yaml";
import type { ServingCertificate } from "./certificates.ts";
import type { ClusterAuthority } from "./cluster-authority.ts";

const kustomizeDirectory = join(import.meta.dirname, "../../deploy/kustomize");

interface WebhookConfiguration {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly webhooks: readonly { readonly name: string }[];
}

/**
 * YAML for `kubectl apply --server-side`: for each webhook configuration of deploy/kustomize the caBundle of every
 * entry and nothing else, and last the Secret that the Deployment mounts, so that no certificate arrives before it is
 * trusted. Entries are merged by their name: an applier of its own (`--field-manager ringfence-certs`) owns just these
 * fields, unless the configurations were applied client-side, for then kubectl hands all of them over to it. The label
 * lets the Secret be applied alone (`--selector`).
 */
export function clusterManifests(authority: ClusterAuthority, serving: ServingCertificate): string {
  const caBundle = base64(authority.bundlePem);
  const patches = ["validating-webhooks.yaml", "mutating-webhooks.yaml"]
    .flatMap(readConfigurations)
    .map(({ apiVersion, kind, metadata: { name, labels }, webhooks }) => ({
      apiVersion,
      kind,
      metadata: { name, labels },
      webhooks: webhooks.map((webhook) => ({ name: webhook.name, clientConfig: { caBundle } })),
    }));
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/tls",
    metadata: { name: "ringfence-tls", namespace: "ringfence-system" },
    data: {
      "ca.crt": caBundle,
      "tls.crt": base64(serving.certificatePem),
      "tls.key": base64(serving.keyPem),
    },
  };
  return [...patches, secret].map((object) => `---\n${stringify(object, { lineWidth: 0 })}`).join("");
}

function readConfigurations(file: string): WebhookConfiguration[] {
  const text = readFileSync(join(kustomizeDirectory, file), "utf8");
  return parseAllDocuments(text).map((document) => document.toJS() as WebhookConfiguration);
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
