import { generateKeyPairSync } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeDevelopmentCertificates } from "../../scripts/support/certificates.ts";
import { apiClient } from "./api-client.ts";
import { auditPolicy } from "./audit-log.ts";
import { startProcess, untilReady, type ManagedProcess } from "./processes.ts";
import { tokenFile, type FileUserName } from "./users.ts";
import type { Warden } from "./warden.ts";

export interface ApiServerOptions {
  readonly program: string;
  readonly directory: string;
  readonly port: number;
  readonly etcdPort: number;
  readonly tokens: Record<FileUserName, string>;
  readonly extraArgs: readonly string[];
  readonly featureGates: Readonly<Record<string, boolean>>;
  /** Called as soon as the process runs, before it is ready. */
  readonly started: (process: ManagedProcess) => void;
}

export interface ApiServer {
  /** Ends the process and starts another on the same port, with the same files and etcd; waits for /readyz. */
  restart(): Promise<void>;
  readonly url: string;
  readonly authorityPem: string;
  readonly auditLogFile: string;
  /** Signs service account tokens; the controller manager needs it as well. */
  readonly serviceAccountKeyFile: string;
}

/** The range that kubeadm gives to Services; kube-dns is its tenth address. */
const serviceRange = "10.96.0.0/16";

/** Starts kube-apiserver on 127.0.0.1 with RBAC, a token file and an audit log, and waits for /readyz. */
export async function startApiServer(warden: Warden, options: ApiServerOptions): Promise<ApiServer> {
  const files = await writeFiles(options);
  let process = await launch(warden, options, files);
  return {
    restart: async () => {
      await process.stop(20_000);
      process = await launch(warden, options, files);
    },
    url: urlOf(options),
    authorityPem: files.authorityPem,
    auditLogFile: files.auditLog,
    serviceAccountKeyFile: files.serviceAccountKey,
  };
}

const urlOf = ({ port }: ApiServerOptions): string => `https://127.0.0.1:${port}`;

async function launch(warden: Warden, options: ApiServerOptions, files: Files): Promise<ManagedProcess> {
  const gates = Object.entries(options.featureGates).map(([gate, on]) => `${gate}=${String(on)}`);
  const process = await startProcess(warden, {
    name: "kube-apiserver",
    command: options.program,
    args: [
      `--etcd-servers=http://127.0.0.1:${options.etcdPort}`,
      "--bind-address=127.0.0.1",
      "--advertise-address=127.0.0.1",
      `--secure-port=${options.port}`,
      `--tls-cert-file=${files.certificate}`,
      `--tls-private-key-file=${files.key}`,
      `--cert-dir=${join(options.directory, "api-server")}`,
      "--authorization-mode=RBAC",
      `--token-auth-file=${files.tokens}`,
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${files.serviceAccountKey}`,
      `--service-account-signing-key-file=${files.serviceAccountKey}`,
      `--service-cluster-ip-range=${serviceRange}`,
      "--allow-privileged",
      // An EndpointSlice may not hold a loopback address, and no pod of these tests calls the API server.
      "--endpoint-reconciler-type=none",
      `--audit-policy-file=${files.auditPolicy}`,
      `--audit-log-path=${files.auditLog}`,
      ...(gates.length === 0 ? [] : [`--feature-gates=${gates.join(",")}`]),
      ...options.extraArgs,
    ],
    logFile: join(options.directory, "kube-apiserver.log"),
  });
  options.started(process);
  const client = apiClient(urlOf(options), files.authorityPem, options.tokens.admin);
  await untilReady(process, async () => (await client.send("GET", "/readyz")).status === 200, {
    timeoutMs: 90_000,
  });
  return process;
}

interface Files {
  readonly authorityPem: string;
  readonly certificate: string;
  readonly key: string;
  readonly tokens: string;
  readonly serviceAccountKey: string;
  readonly auditPolicy: string;
  readonly auditLog: string;
}

async function writeFiles(options: ApiServerOptions): Promise<Files> {
  const directory = join(options.directory, "api-server");
  await mkdir(directory, { recursive: true });
  const { authority, serving } = await makeDevelopmentCertificates({
    names: ["127.0.0.1", "localhost", "kubernetes", "kubernetes.default.svc"],
  });
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const write = async (name: string, text: string): Promise<string> => {
    const file = join(directory, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  return {
    authorityPem: authority.certificatePem,
    certificate: await write("tls.crt", serving.certificatePem),
    key: await write("tls.key", serving.keyPem),
    tokens: await write("tokens.csv", tokenFile(options.tokens)),
    serviceAccountKey: await write(
      "service-account.key",
      privateKey.export({ type: "sec1", format: "pem" }).toString(),
    ),
    auditPolicy: await write("audit-policy.yaml", JSON.stringify(auditPolicy)),
    auditLog: join(directory, "audit.log"),
  };
}
