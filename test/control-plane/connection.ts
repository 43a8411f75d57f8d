import { apiClient, type ApiClient } from "./api-client.ts";
import { auditLog, type AuditLog } from "./audit-log.ts";
import { kubectlRunner, type Kubectl } from "./kubectl.ts";
import { parseMetrics, type Sample } from "./metrics.ts";
import { userNames, type UserName } from "./users.ts";

/** Everything that another process needs to use a control plane; plain data, so that it can be handed over. */
export interface ControlPlaneAddress {
  /** https://127.0.0.1:PORT */
  readonly server: string;
  readonly authorityPem: string;
  /** The folder of the built programs, for PATH. */
  readonly binaries: string;
  readonly kubectl: string;
  /** Files, one per user. */
  readonly kubeconfigs: Readonly<Record<UserName, string>>;
  readonly tokens: Readonly<Record<UserName, string>>;
  readonly auditLogFile: string;
  /** The control plane's own folder; it goes when the control plane stops. */
  readonly directory: string;
  readonly kubectlCache: string;
  /** With its `v`. */
  readonly kubernetesVersion: string;
}

export interface ControlPlaneConnection {
  readonly address: ControlPlaneAddress;
  /** kubectl as one of the users, the admin unless said. */
  readonly kubectl: Kubectl;
  /** Plain requests as one of the users. */
  readonly api: Readonly<Record<UserName, ApiClient>>;
  readonly audit: AuditLog;
  /** The API server's own samples whose name begins with `prefix`; `apiserver_admission_webhook_` unless given. */
  metrics(prefix?: string): Promise<Sample[]>;
}

/** Joins a control plane that runs already, perhaps started by another process. */
export function connect(address: ControlPlaneAddress): ControlPlaneConnection {
  const clients = userNames.map(
    (user) => [user, apiClient(address.server, address.authorityPem, address.tokens[user])] as const,
  );
  const api = Object.fromEntries(clients) as Record<UserName, ApiClient>;
  return {
    address,
    kubectl: kubectlRunner(address.kubectl, address.kubeconfigs, address.kubectlCache),
    api,
    audit: auditLog(address.auditLogFile),
    metrics: async (prefix = "apiserver_admission_webhook_") =>
      parseMetrics(String(await api.admin.expect("GET", "/metrics")), prefix),
  };
}
