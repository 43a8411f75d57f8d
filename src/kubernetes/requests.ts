import http, { type ClientRequest, type IncomingMessage } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { createSecureContext, TLSSocket, type SecureContext } from "node:tls";
import { apiErrorOf } from "./api-error.ts";
import type { Connection } from "./connection.ts";

export type Query = Readonly<Record<string, string>>;

export interface RequestSettings {
  /** Milliseconds that the API server may keep us waiting: for the begin of an answer, and between parts of it. */
  readonly answerTimeout: number;
}

/** One request, as it goes over the wire. */
export interface OutgoingRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Query;
  readonly accept: string;
  readonly body?: { readonly contentType: string; readonly text: string };
  /** Called when the connection stands, immediately before the request leaves; what it throws ends the request unsent. */
  readonly beforeSending?: (() => void) | undefined;
}

/** Requests over kept connections, with credentials that are asked for each time. */
export interface Requests {
  /**
   * The answer, its body yet to be read.
   * @throws ApiError for any answer but 2xx, another Error where the connection fails, the signal's reason on abort.
   */
  open(request: OutgoingRequest, signal: AbortSignal): Promise<IncomingMessage>;
  /** Closes idle connections; those in use end with their requests. */
  close(): void;
}

const LARGEST_ERROR = 64 * 1024;

/**
 * Requests over HTTP/1.1 with kept connections. client-node's own are not used: they swallow what handlers throw and
 * hide Retry-After, and its watches open a pool of connections for each call.
 */
export function createRequests(connection: Connection, { answerTimeout }: RequestSettings): Requests {
  const secure = connection.server.protocol === "https:";
  // The timeout closes connections that idle, before a load balancer between forgets them.
  const agent = secure
    ? new https.Agent({ keepAlive: true, timeout: answerTimeout })
    : new http.Agent({ keepAlive: true, timeout: answerTimeout });
  const contextOf = agent instanceof https.Agent ? lastContext(agent) : () => undefined;

  const ask = async (outgoing: OutgoingRequest, signal: AbortSignal): Promise<IncomingMessage> => {
    const { method, body } = outgoing;
    const credentials = await connection.credentials();
    signal.throwIfAborted();
    const headers = {
      ...credentials.headers,
      accept: outgoing.accept,
      "user-agent": "ringfence",
      // Node says nothing of the length of a DELETE's body; the server would take it for the next request.
      ...(body && { "content-type": body.contentType, "content-length": Buffer.byteLength(body.text) }),
    };
    const secureContext = contextOf(credentials.options);
    const options = { agent, ...credentials.options, secureContext, method, headers, signal };
    return await new Promise((resolve, reject) => {
      const request = (secure ? https : http).request(urlOf(connection, outgoing), options, resolve);
      request.on("error", reject);
      request.setTimeout(answerTimeout, () => {
        request.destroy(new Error(`the API server kept silent for ${answerTimeout} ms`));
      });
      send(request, outgoing);
    });
  };

  return {
    async open(outgoing, signal) {
      const response = await ask(outgoing, signal);
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) return response;
      throw apiErrorOf(status, await textOf(response, LARGEST_ERROR), response.headers["retry-after"]);
    },
    close: () => agent.destroy(),
  };
}

/** The text of an answer, as far as `largest` bytes. Throws where the connection ends before the answer does. */
export async function textOf(response: IncomingMessage, largest: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > largest) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * Makes a secure context of certificates and keys, and keeps it for as long as the same ones are asked for: each watch
 * has a connection of its own, and the context costs as much as the rest of making one. They are the same where
 * the agent would give the same connection: it tells connections apart by its name for their options.
 */
function lastContext(agent: https.Agent): (options: https.RequestOptions) => SecureContext {
  let last: { readonly name: string; readonly context: SecureContext } | undefined;
  return (options) => {
    const name = agent.getName(options);
    if (last?.name !== name) last = { name, context: createSecureContext(options) };
    return last.context;
  };
}

function urlOf(connection: Connection, { path, query }: OutgoingRequest): URL {
  const url = new URL(connection.server);
  url.pathname = `${url.pathname.replace(/\/$/, "")}${path}`;
  url.search = new URLSearchParams(query).toString();
  return url;
}

/** Sends the request; where something is to be asked before, not until the connection stands. */
function send(request: ClientRequest, { body, beforeSending }: OutgoingRequest): void {
  if (beforeSending === undefined) {
    request.end(body?.text);
    return;
  }
  const go = (): void => {
    try {
      beforeSending();
      request.end(body?.text);
    } catch (error) {
      request.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };
  request.on("socket", (socket) => {
    const event = request.reusedSocket ? undefined : stillComing(socket);
    if (event === undefined) go();
    else socket.once(event, go);
  });
}

/** The event after which a new connection can be written to; undefined where it can be already. */
function stillComing(socket: Socket): string | undefined {
  if (socket instanceof TLSSocket) return socket.getFinished() === undefined ? "secureConnect" : undefined;
  return socket.connecting ? "connect" : undefined;
}
