import type { Server } from "node:http";
import type { BaseLogger, Logger } from "pino";
import type { Load } from "../admission/call.ts";
import { admissionRoutes } from "../admission/routes.ts";
import { certificateFiles } from "../certificates/files.ts";
import type { CertificateSource } from "../certificates/source.ts";
import { ownNamespace } from "../kubernetes/own-namespace.ts";
import { buildApp, type App } from "../server/app.ts";
import { createDraining, type Draining } from "../server/draining.ts";
import { buildHealthServer, type Check } from "../server/health.ts";
import { listen } from "../server/listen.ts";
import { drain } from "../server/shutdown.ts";
import { secureContextOptions } from "../server/tls.ts";
import { createMetrics, type Result } from "../telemetry/metrics.ts";
import { version } from "../version.ts";
import { composeGate, type Gate } from "./gate.ts";

export interface ServeOptions {
  readonly config: string;
  readonly kubeconfig?: string;
  readonly tlsCertFile: string;
  readonly tlsPrivateKeyFile: string;
  readonly bindAddress: string;
  readonly port: number;
  readonly healthPort: number;
  /** Milliseconds. */
  readonly shutdownDelay: number;
  /** Of the Lease by which the replicas agree who writes; the namespace is that of the pod unless given. */
  readonly leaseNamespace?: string;
  readonly leaseName: string;
  /** Milliseconds. */
  readonly leaseDuration: number;
}

/** A server that answers. */
export interface Running {
  readonly port: number;
  readonly healthPort: number;
  /** Drains and ends everything; resolves when nothing is left. */
  stop(): Promise<void>;
}

/** Requests that may be waited for at once. Those held for a cure are limited apart, far below. */
const inFlightLimit = 1_000;
/** Milliseconds for requests in flight after the listener is closed. */
const inFlightDeadline = 8_000;

/**
 * The one place where the server's parts are made and joined: the gate (configuration, cluster view, engine), the
 * certificate, the webhook server, health and metrics. Rejects with RingfenceError where one of them cannot be had.
 */
export async function compose(options: ServeOptions, log: Logger): Promise<Running> {
  // The metrics are made first and read the parts that come after them when they are asked for.
  const late: { gate?: Gate; certificate?: CertificateSource } = {};
  const load: Load = { inFlight: 0 };
  const draining = createDraining();
  const metrics = createMetrics({
    version,
    inFlight: () => load.inFlight,
    enforcement: () => late.gate?.enforcement() ?? "on",
    cniVerdict: () => late.gate?.cniVerdict() ?? "unknown",
    unreadableModes: () => late.gate?.unreadableModes() ?? 0,
    reflectors: () => late.gate?.reflectors() ?? [],
    unmodelled: () => late.gate?.unmodelled() ?? [],
    leads: () => late.gate?.leads() ?? false,
    companions: () => late.gate?.companions() ?? {},
    certificateExpiry: () => late.certificate?.current().notAfter,
  });
  const certificate = await certificateFiles({
    certFile: options.tlsCertFile,
    keyFile: options.tlsPrivateKeyFile,
    log,
    now: () => new Date(),
    reloaded: (result: Result) => metrics.certificateReloaded(result),
  });
  late.certificate = certificate;
  const gate = await composeGate({
    config: options.config,
    kubeconfig: options.kubeconfig,
    lease: {
      namespace: options.leaseNamespace ?? ownNamespace() ?? "ringfence-system",
      name: options.leaseName,
      duration: options.leaseDuration,
    },
    log,
    metrics,
  });
  late.gate = gate;
  const routes = admissionRoutes({
    validate: gate.validate,
    mutate: gate.mutate,
    compile: gate.compile,
    log,
    metrics,
    clock: () => performance.now(),
    load,
    inFlightLimit,
  });
  const app = buildApp({ pair: certificate.current(), routes, draining, log });
  certificate.onChange((pair) => app.server.setSecureContext(secureContextOptions(pair)));
  const health = buildHealthServer({
    checks: checks(certificate, gate, draining),
    states: () => gate.states(),
    metrics,
  });
  const parts: Parts = { app, health, certificate, gate, draining, log };
  try {
    await app.ready();
    const port = await listen(app.server, { host: options.bindAddress, port: options.port });
    const healthPort = await listen(health, { host: options.bindAddress, port: options.healthPort });
    log.info({ port, healthPort, version }, "serving");
    return { port, healthPort, stop: () => stopAll(parts, options.shutdownDelay) };
  } catch (error) {
    // What runs by now would keep the process alive, and the webhook port would answer.
    app.server.close();
    app.server.closeAllConnections();
    await app.close();
    await endAll(parts);
    throw error;
  }
}

function checks(certificate: CertificateSource, gate: Gate, draining: Draining): Check[] {
  return [
    { name: "draining", failure: () => (draining.active ? "the server is shutting down" : undefined) },
    // A newer pair that is not good is no reason to stop serving: only an expired one is.
    {
      name: "certificate",
      failure: () =>
        certificate.current().notAfter <= new Date() ? "the certificate in use has expired" : undefined,
    },
    ...gate.checks,
  ];
}

interface Parts {
  readonly app: App;
  readonly health: Server;
  readonly certificate: CertificateSource;
  readonly gate: Gate;
  readonly draining: Draining;
  readonly log: BaseLogger;
}

/** Health stays to the last, so that the kubelet sees the truth all along. */
async function stopAll(parts: Parts, delay: number): Promise<void> {
  const { app, draining, log } = parts;
  await drain({ app, draining, delay, deadline: inFlightDeadline, log });
  await endAll(parts);
  log.info("stopped");
}

async function endAll({ certificate, gate, health }: Parts): Promise<void> {
  certificate.close();
  await gate.close();
  health.close();
  health.closeAllConnections();
}
