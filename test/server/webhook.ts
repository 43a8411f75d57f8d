// A real webhook server on a free loopback port, with a real certificate, and clients for it.
import { request as httpsRequest, type Agent } from "node:https";
import type { IncomingHttpHeaders } from "node:http";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { Writable } from "node:stream";
import { makeDevelopmentCertificates } from "../../scripts/support/certificates.ts";
import { admissionRoutes, type AdmissionOptions } from "#src/admission/routes.ts";
import type { Decide, Verdict } from "#src/model/verdict.ts";
import { compilePolicy } from "#src/network/dialects/kubernetes.ts";
import { Interner } from "#src/network/interner.ts";
import { buildApp, type App, type Timeouts } from "#src/server/app.ts";
import { createDraining, type Draining } from "#src/server/draining.ts";
import { listen } from "#src/server/listen.ts";
import { loggerTo } from "#src/telemetry/logger.ts";
import { createMetrics, type Metrics } from "#src/telemetry/metrics.ts";

const certificates = await makeDevelopmentCertificates();

export const serving = { cert: certificates.serving.certificatePem, key: certificates.serving.keyPem };
export const authority = certificates.authority.certificatePem;

export type LogLine = Readonly<Record<string, unknown>>;

export interface Webhook {
  readonly app: App;
  readonly port: number;
  readonly draining: Draining;
  readonly metrics: Metrics;
  readonly load: { inFlight: number };
  /** Everything logged so far. */
  lines(): LogLine[];
  /** The value of the metric's sample with these labels; 0 where there is none. */
  sample(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface WebhookOptions extends Partial<Pick<AdmissionOptions, "inFlightLimit">> {
  readonly validate?: Decide;
  readonly mutate?: Decide;
  readonly timeouts?: Timeouts;
}

/** An answer as the API server would see it. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export const allowed: Verdict = {
  allowed: true,
  warnings: [],
  auditAnnotations: {},
  findings: [],
  unknown: [],
  failed: [],
};

/** Starts one; `decide` functions are real functions, everything around them is the product's. */
export async function startWebhook(options: WebhookOptions = {}): Promise<Webhook> {
  const written: string[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _, done) => {
      written.push(chunk.toString());
      done();
    },
  });
  const log = loggerTo(sink, "debug");
  const load = { inFlight: 0 };
  const draining = createDraining();
  const metrics = createMetrics({
    version: "test",
    inFlight: () => load.inFlight,
    enforcement: () => "on",
    cniVerdict: () => "unknown",
    unreadableModes: () => 0,
    unmodelled: () => [],
    reflectors: () => [],
    leads: () => false,
    companions: () => ({}),
    certificateExpiry: () => undefined,
  });
  const interner = new Interner();
  const routes = admissionRoutes({
    validate: options.validate ?? (() => allowed),
    mutate: options.mutate ?? (() => allowed),
    compile: (policy) => compilePolicy(policy, interner),
    log,
    metrics,
    clock: () => performance.now(),
    load,
    inFlightLimit: options.inFlightLimit ?? 100,
  });
  const { timeouts } = options;
  const app = buildApp({ pair: serving, routes, draining, log, ...(timeouts && { timeouts }) });
  await app.ready();
  const port = await listen(app.server, { host: "127.0.0.1", port: 0 });
  return {
    app,
    port,
    draining,
    metrics,
    load,
    lines: () => written.map((line) => JSON.parse(line) as LogLine),
    sample: async (name, labels = {}) => sampleOf(await metrics.text(), name, labels),
    [Symbol.asyncDispose]: async () => {
      app.server.close();
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

/** Reads one sample from exposition text. */
export function sampleOf(text: string, name: string, labels: Readonly<Record<string, string>>): number {
  for (const line of text.split("\n")) {
    const match = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (match?.[1] !== name) continue;
    const present = new Set(match[2]?.match(/[a-z_]+="[^"]*"/g));
    if (Object.entries(labels).every(([key, value]) => present.has(`${key}="${value}"`))) {
      return Number(match[3]);
    }
  }
  return 0;
}

export interface PostOptions {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
}

/** Sends a body as kube-apiserver does, or as told; an object is sent as JSON. */
export function post(
  webhook: Pick<Webhook, "port">,
  body: unknown,
  options: PostOptions = {},
): Promise<Answer> {
  const bytes =
    typeof body === "string" || Buffer.isBuffer(body) ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = httpsRequest(
    {
      host: "127.0.0.1",
      port: webhook.port,
      ca: authority,
      method: options.method ?? "POST",
      path: options.path ?? "/validate?timeout=3s",
      headers: { "content-type": "application/json", "content-length": bytes.length, ...options.headers },
      agent: options.agent ?? false,
    },
    (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    },
  );
  request.on("error", reject);
  request.end(bytes);
  return promise;
}

/** A TLS connection of the test's own, for what an HTTP client would not send. */
export async function open(
  webhook: Pick<Webhook, "port">,
  options: ConnectionOptions = {},
): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const socket = connect({ host: "127.0.0.1", port: webhook.port, ca: authority, ...options }, () => {
    socket.off("error", reject);
    socket.on("error", () => undefined);
    resolve(socket);
  });
  socket.once("error", reject);
  return promise;
}

/** Everything that comes until the other side ends the connection. */
export async function readToEnd(socket: TLSSocket): Promise<string> {
  const chunks: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<undefined>();
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.once("close", () => resolve(undefined));
  await promise;
  return Buffer.concat(chunks).toString();
}

/** Resolves once the condition holds; throws after 10 s. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
