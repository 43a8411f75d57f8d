import { readFileSync } from "node:fs";
import type { OutgoingHttpHeaders } from "node:http";
import type { RequestOptions } from "node:https";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import { messageOf, RingfenceError } from "../errors.ts";

/** What a request needs besides its address. */
export interface Credentials {
  readonly headers: OutgoingHttpHeaders;
  /** Certificates, keys, basic authentication, an agent that goes through a proxy. */
  readonly options: Omit<RequestOptions, "headers">;
}

/** Where the API server is and how Ringfence shows who it is. */
export interface Connection {
  readonly server: URL;
  /** The credentials of the next request; asked each time, because tokens and certificates change on disk. */
  credentials(): Promise<Credentials>;
}

export interface ConnectionSettings {
  /** A kubeconfig file; absent: the account of the pod this runs in. */
  readonly kubeconfig?: string | undefined;
  /** A context of the kubeconfig other than its current one. */
  readonly context?: string | undefined;
  /** Replaces the environment and the folder of the pod's account, for tests. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly accountFolder?: string;
}

const ACCOUNT_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * The connection that the settings describe.
 * @throws RF_ERR_KUBECONFIG where the file is missing or broken, or no file is given outside of a cluster.
 */
export async function connect(settings: ConnectionSettings): Promise<Connection> {
  return settings.kubeconfig === undefined
    ? podConnection(settings.env ?? process.env, settings.accountFolder ?? ACCOUNT_FOLDER)
    : await kubeconfigConnection(settings.kubeconfig, settings.context);
}

/**
 * The account that Kubernetes mounts into a pod. Its token is rotated on disk, so it is read for each request; a watch
 * makes one in half a minute.
 */
function podConnection(env: Readonly<Record<string, string | undefined>>, folder: string): Connection {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (host === undefined || port === undefined) {
    throw new RingfenceError(
      "RF_ERR_KUBECONFIG",
      "No way to the API server: this is no pod of a cluster (KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT " +
        "are not set). Name a kubeconfig file: --kubeconfig FILE.",
    );
  }
  const read = (name: string): Buffer => {
    try {
      return readFileSync(join(folder, name));
    } catch (cause) {
      throw new RingfenceError(
        "RF_ERR_KUBECONFIG",
        `The service account's ${name} cannot be read from ${folder}. Set automountServiceAccountToken: true on the ` +
          "pod and its service account, or name a kubeconfig file: --kubeconfig FILE.",
        { cause },
      );
    }
  };
  const credentials = (): Credentials => ({
    options: { ca: read("ca.crt") },
    headers: { authorization: `Bearer ${read("token").toString("utf8").trim()}` },
  });
  credentials();
  return {
    server: new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`),
    credentials: () => new Promise((resolve) => resolve(credentials())),
  };
}

/**
 * client-node is loaded here alone: it costs 30 MiB, which a server that runs in a pod has better use for. By its file and
 * not by the package's index, which would bring 14 MiB of generated classes into the bundle.
 */
async function kubeconfigConnection(file: string, context: string | undefined): Promise<Connection> {
  const { KubeConfig } = await import("@kubernetes/client-node/dist/config.js");
  const config = new KubeConfig();
  const broken = (what: string, cause?: unknown): RingfenceError =>
    new RingfenceError("RF_ERR_KUBECONFIG", `The kubeconfig ${file} ${what}`, { cause });
  try {
    config.loadFromFile(file);
  } catch (cause) {
    throw isMissing(cause)
      ? broken("does not exist. Name another with --kubeconfig FILE, or make it.", cause)
      : broken(`cannot be read: ${messageOf(cause)}. See what \`kubectl config view\` says of it.`, cause);
  }
  if (context !== undefined) config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  if (cluster === null || config.getCurrentUser() === null) {
    const names = config.getContexts().map(({ name }) => name);
    throw broken(
      `has no usable context ${JSON.stringify(context ?? config.getCurrentContext())}. ` +
        `It must name a cluster and a user; contexts of the file: ${names.join(", ") || "none"}.`,
    );
  }
  if (!URL.canParse(cluster.server)) {
    throw broken(`names a server that is no URL: ${cluster.server}. Write it as https://HOST:PORT.`);
  }
  return {
    server: new URL(cluster.server),
    credentials: () => kubeconfigCredentials(config, cluster.proxyUrl !== undefined),
  };
}

async function kubeconfigCredentials(
  config: { applyToHTTPSOptions(options: RequestOptions): Promise<void> },
  proxied: boolean,
): Promise<Credentials> {
  const headers: OutgoingHttpHeaders = {};
  const applied: RequestOptions = { headers };
  await config.applyToHTTPSOptions(applied);
  // Its agent goes on with what it knows of the first credentials; only one that goes through a proxy is worth that.
  const options: RequestOptions = { ...applied };
  delete options.headers;
  if (!proxied) delete options.agent;
  return { headers, options };
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}
