import { randomBytes } from "node:crypto";
import type { ApiClient } from "./api-client.ts";
import type { ControlPlaneConnection } from "./connection.ts";
import { collectionOf, create, renderInstallation, type Manifest } from "./installation.ts";
import { until } from "./wait.ts";

export type FailurePolicy = "Fail" | "Ignore";

/** The entries of deploy/kustomize. */
export type WebhookName =
  "validate.ringfence.dev" | "namespaces.ringfence.dev" | "system.ringfence.dev" | "mutate.ringfence.dev";

export interface RegisterOptions {
  /** Where the server listens: https://127.0.0.1:PORT; stands in for the Service. */
  readonly url: string;
  /** Signed the server's certificate. */
  readonly authorityPem: string;
  /** Departures from deploy/kustomize, by entry. */
  readonly failurePolicy?: Readonly<Partial<Record<WebhookName, FailurePolicy>>>;
  /**
   * Several servers before one control plane: with a name, only namespaces that carry `instanceLabel` with this value
   * are judged by it; with "unlabelled", only those that do not carry it. Without, all.
   */
  readonly instance?: string;
  /** With true an instance is asked about every namespace, beside the server whose charge it is. */
  readonly everywhere?: boolean;
}

/** The webhook configurations of one server, in force. */
export interface Registration {
  /** Deletes them and waits until the API server calls nobody on their account. */
  remove(): Promise<void>;
}

/** Tells in which server's charge a namespace is; see `RegisterOptions.instance`. */
export const instanceLabel = "test.example/ringfence-instance";

interface SelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

interface Webhook {
  readonly name: WebhookName;
  readonly failurePolicy: FailurePolicy;
  readonly clientConfig: { readonly service: { readonly path: string } };
  readonly namespaceSelector?: { readonly matchExpressions?: readonly SelectorRequirement[] };
}

interface WebhookConfiguration extends Manifest {
  readonly webhooks: readonly Webhook[];
}

/** Registers the webhook configurations of deploy/kustomize with the address patched in; resolves when they are in force. */
export async function registerWebhooks(
  controlPlane: ControlPlaneConnection,
  options: RegisterOptions,
): Promise<Registration> {
  const { admin } = controlPlane.api;
  const manifests = await renderInstallation(controlPlane.kubectl);
  const configurations = manifests
    .filter(isWebhookConfiguration)
    .map((manifest) => patched(manifest, options));
  const remove = async (): Promise<void> => {
    for (const configuration of configurations) {
      await admin.send("DELETE", `${collectionOf(configuration)}/${configuration.metadata.name}`);
    }
    await untilConfigurationsAreSeen(admin);
  };
  try {
    for (const configuration of configurations) await create(admin, configuration);
    await untilConfigurationsAreSeen(admin);
  } catch (error) {
    await remove();
    throw error;
  }
  return { remove };
}

function isWebhookConfiguration(manifest: Manifest): manifest is WebhookConfiguration {
  return manifest.kind.endsWith("WebhookConfiguration");
}

function patched(configuration: WebhookConfiguration, options: RegisterOptions): WebhookConfiguration {
  const { instance, failurePolicy = {} } = options;
  const suffix = instance === undefined ? "" : `-${instance}`;
  const metadata = { ...configuration.metadata, name: `${configuration.metadata.name}${suffix}` };
  const caBundle = Buffer.from(options.authorityPem).toString("base64");
  const webhooks = configuration.webhooks.map((webhook) => ({
    ...webhook,
    failurePolicy: failurePolicy[webhook.name] ?? webhook.failurePolicy,
    clientConfig: {
      ...webhook.clientConfig,
      url: `${options.url}${webhook.clientConfig.service.path}`,
      caBundle,
    },
    namespaceSelector: {
      ...webhook.namespaceSelector,
      matchExpressions: [
        ...(webhook.namespaceSelector?.matchExpressions ?? []),
        ...instanceRequirement(options),
      ],
    },
  }));
  for (const { clientConfig } of webhooks) Reflect.deleteProperty(clientConfig, "service");
  return { ...configuration, metadata, webhooks };
}

function instanceRequirement({ instance, everywhere }: RegisterOptions): SelectorRequirement[] {
  if (instance === undefined || everywhere === true) return [];
  if (instance === "unlabelled") return [{ key: instanceLabel, operator: "DoesNotExist" }];
  return [{ key: instanceLabel, operator: "In", values: [instance] }];
}

/**
 * Resolves when the API server has taken up every webhook configuration written (or deleted) before this call. A
 * configuration takes effect when the API server's informer has it, not when its creation returns; the informer
 * delivers in order. So two markers are written last, one of each kind: webhooks at an address where nobody listens,
 * failing closed, for one ConfigMap that is only ever created dry. When both are refused, all before them is in force.
 */
async function untilConfigurationsAreSeen(admin: ApiClient): Promise<void> {
  const id = randomBytes(6).toString("hex");
  const markers = (["Validating", "Mutating"] as const).map((type) => markerConfiguration(type, id));
  try {
    for (const marker of markers) await create(admin, marker);
    for (const { metadata } of markers) {
      await until(
        `webhook configuration ${metadata.name} to be in force`,
        () => isRefused(admin, metadata.name),
        {
          intervalMs: 10,
        },
      );
    }
  } finally {
    for (const marker of markers)
      await admin.send("DELETE", `${collectionOf(marker)}/${marker.metadata.name}`);
  }
}

function markerConfiguration(type: "Validating" | "Mutating", id: string): Manifest & { webhooks: object[] } {
  const name = `marker-${type.toLowerCase()}-${id}`;
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: `${type}WebhookConfiguration`,
    metadata: { name },
    webhooks: [
      {
        name: `${name}.test.example`,
        clientConfig: { url: "https://127.0.0.1:1/" },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }],
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "default" } },
        matchConditions: [{ name: "the-marker", expression: `object.metadata.name == '${name}'` }],
        failurePolicy: "Fail",
        sideEffects: "None",
        timeoutSeconds: 1,
        admissionReviewVersions: ["v1"],
      },
    ],
  };
}

async function isRefused(admin: ApiClient, name: string): Promise<boolean> {
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name } };
  const { status } = await admin.send("POST", "/api/v1/namespaces/default/configmaps?dryRun=All", { body });
  return status >= 400;
}
