import type { ApiService } from "../wire/api-service.ts";
import type { WebhookConfiguration } from "../wire/webhook-configuration.ts";

/** Whose objects have the API server call Services. Conversion webhooks of CRDs are not looked at. */
export type CallerKind = "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" | "APIService";

/** A Service that the API server calls, and on whose account. */
export interface CalledService {
  readonly namespace: string;
  readonly service: string;
  /** Of the Service. */
  readonly port: number;
  readonly kind: CallerKind;
  /** Of the configuration or the APIService. */
  readonly configuration: string;
  /** The first webhook of the configuration that calls it. */
  readonly webhook: string | undefined;
  /** It answers webhooks of Ringfence itself. */
  readonly own: boolean;
}

/** `webhook hooks.example.com`, `APIService v1beta1.metrics.k8s.io`. */
export function callerText({ kind, configuration, webhook }: CalledService): string {
  return webhook === undefined ? `${kind} ${configuration}` : `webhook ${webhook}`;
}

const defaultPort = 443;

/**
 * Webhooks of Ringfence are known by the domain of their names, which stay the same under whatever name the configuration
 * is installed. Only those who may write webhook configurations can give a webhook such a name.
 */
const ownWebhooks = ".ringfence.dev";

/** Whom the webhooks of a configuration call, each Service and port once. */
export function calledByWebhooks(
  kind: Exclude<CallerKind, "APIService">,
  { metadata, webhooks }: WebhookConfiguration,
): readonly CalledService[] {
  const byTarget = new Map<string, CalledService>();
  for (const { name: webhook, clientConfig } of webhooks ?? []) {
    const { service } = clientConfig ?? {};
    if (service === undefined) continue;
    const { namespace, name, port = defaultPort } = service;
    const target = `${namespace}/${name}:${port}`;
    const own = webhook.endsWith(ownWebhooks);
    const standing = byTarget.get(target);
    if (standing !== undefined && (standing.own || !own)) continue;
    const configuration = metadata.name ?? "";
    byTarget.set(target, { namespace, service: name, port, kind, configuration, webhook, own });
  }
  return [...byTarget.values()];
}

/** Who serves an APIService: nobody where the API server does itself. */
export function calledByApiService({ metadata, spec }: ApiService): readonly CalledService[] {
  const { service } = spec ?? {};
  if (service === undefined || service === null) return [];
  const { namespace, name, port = defaultPort } = service;
  const configuration = metadata.name ?? "";
  return [
    {
      namespace,
      service: name,
      port,
      kind: "APIService",
      configuration,
      webhook: undefined,
      own: false,
    },
  ];
}
