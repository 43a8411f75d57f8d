import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { Socket } from "node:net";
import fastify, { type FastifyInstance, type FastifyPluginCallback, type FastifyReply } from "fastify";
import type { BaseLogger } from "pino";
import { drainingResponse, trackConnections, type Draining } from "./draining.ts";
import { handshakeErrors } from "./handshake-errors.ts";
import { keepTickShape } from "./tick-shape.ts";
import { secureContextOptions, type ServingPair } from "./tls.ts";

/** Milliseconds, and the reason for each. */
export interface Timeouts {
  /** kube-apiserver keeps idle connections for 90 s; whoever closes first must be the client. */
  readonly keepAlive: number;
  /** A request must have come in completely by then. */
  readonly request: number;
  /** Its headers by then; must not exceed `request`. Idle time between requests does not count. */
  readonly headers: number;
  /** How often the two above are looked at. */
  readonly check: number;
  /** kube-apiserver itself gives a handshake 10 s. */
  readonly handshake: number;
}

export const defaultTimeouts: Timeouts = {
  keepAlive: 120_000,
  request: 30_000,
  headers: 20_000,
  check: 5_000,
  handshake: 10_000,
};

/** Object and old object of 3 MiB each, and room for Go's escaping of `<`, `>` and `&`. */
const bodyLimit = 16 * 1024 * 1024;

export interface AppOptions {
  readonly pair: ServingPair;
  /** The admission routes, everything they need bound. */
  readonly routes: FastifyPluginCallback;
  readonly draining: Draining;
  readonly log: BaseLogger;
  readonly timeouts?: Timeouts;
}

export type App = FastifyInstance<Server>;

/** Builds the webhook server: HTTPS with TLS 1.2 or 1.3, HTTP/1.1 only, not yet listening. */
export function buildApp(options: AppOptions): App {
  const app: App = fastify<Server>({
    serverFactory: (handler) => createWebhookServer(options, handler),
    bodyLimit,
    // No lines of Fastify's own: the routes write one for each admission.
    logger: false,
    exposeHeadRoutes: false,
    // While closing, requests on live connections are still answered: 503 would be a failed call.
    return503OnClosing: false,
    forceCloseConnections: "idle",
    clientErrorHandler: refuseMalformed,
    // Else Fastify loads two compilers of schemas at the start; no route has a schema.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    frameworkErrors: (_error, _request, reply) => {
      refuse(reply, 400, "bad request");
    },
  });
  // No parsers outside of the routes: what is not theirs is answered without a look at its body.
  app.removeAllContentTypeParsers();
  app.setNotFoundHandler((request, reply) => {
    const path = request.raw.url?.split("?", 1)[0];
    if (path === "/validate" || path === "/mutate") refuse(reply.header("allow", "POST"), 405, "use POST");
    else refuse(reply, 404, "not found");
  });
  app.setErrorHandler((error, _request, reply) => {
    const status = error instanceof Error && "statusCode" in error ? Number(error.statusCode) : 500;
    refuse(reply, status >= 400 && status < 500 ? status : 500, "the request cannot be answered");
  });
  app.register(options.routes);
  return app;
}

function createWebhookServer(
  { pair, draining, log, timeouts = defaultTimeouts }: AppOptions,
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const server = createServer(
    {
      ...secureContextOptions(pair),
      ALPNProtocols: ["http/1.1"],
      handshakeTimeout: timeouts.handshake,
      keepAliveTimeout: timeouts.keepAlive,
      requestTimeout: timeouts.request,
      headersTimeout: timeouts.headers,
      connectionsCheckingInterval: timeouts.check,
      noDelay: true,
      ServerResponse: drainingResponse(draining),
    },
    handler,
  );
  trackConnections(server, draining);
  handshakeErrors(server, log);
  keepTickShape(server);
  return server;
}

function noSchemas(): never {
  throw new Error("no compiler is loaded for a route with a schema");
}

function refuse(reply: FastifyReply, status: number, text: string): void {
  reply.code(status).header("content-type", "text/plain; charset=utf-8").send(`${text}\n`);
}

/** What is no HTTP, or too slow or too long a head of it: one short answer, and the connection ends. */
function refuseMalformed(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  let status = "400 Bad Request";
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") status = "408 Request Timeout";
  else if (error.code === "HPE_HEADER_OVERFLOW") status = "431 Request Header Fields Too Large";
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy());
}
