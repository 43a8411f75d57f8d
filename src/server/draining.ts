import {
  ServerResponse,
  type IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
} from "node:http";
import type { Server } from "node:https";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** The server's way out, shared by those who take part in it. */
export interface Draining {
  /** Set while the server is on its way out: every reply then ends its connection. */
  active: boolean;
  /** Connections on which no request has come in yet, TLS up or not. Node does not count them as idle. */
  readonly unused: Set<Duplex>;
}

/** Nothing is on its way out yet. */
export function createDraining(): Draining {
  return { active: false, unused: new Set() };
}

/**
 * Keeps `unused` up to date with the server's connections: first the plain socket, for which closing would wait as well,
 * then, once TLS is up, the one that requests come in on.
 */
export function trackConnections(server: Server, { unused }: Draining): void {
  const handshaking = new Map<string, Duplex>();
  server.on("connection", (socket) => {
    const peer = peerOf(socket);
    handshaking.set(peer, socket);
    unused.add(socket);
    socket.once("close", () => {
      if (handshaking.get(peer) === socket) handshaking.delete(peer);
      unused.delete(socket);
    });
  });
  server.on("secureConnection", (socket) => {
    const peer = peerOf(socket);
    const plain = handshaking.get(peer);
    if (plain !== undefined) unused.delete(plain);
    handshaking.delete(peer);
    unused.add(socket);
    socket.once("close", () => unused.delete(socket));
  });
}

/** The two sockets of one connection have this in common, and no other connection has it. */
function peerOf(socket: Duplex): string {
  return socket instanceof Socket ? `${socket.remoteAddress ?? ""} ${socket.remotePort ?? 0}` : "";
}

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];

/**
 * Responses that end their connection while draining. It is decided at the last moment, when the headers are written,
 * so that requests which were in flight when draining began do so too. Node would keep those connections, and closing
 * would wait for the client (over a minute).
 */
export function drainingResponse(draining: Draining): typeof ServerResponse {
  return class<Request extends IncomingMessage> extends ServerResponse<Request> {
    constructor(...args: ConstructorParameters<typeof ServerResponse<Request>>) {
      super(...args);
      draining.unused.delete(args[0].socket);
    }

    override writeHead(status: number, reason?: Headers | string, headers?: Headers): this {
      if (draining.active) this.setHeader("connection", "close");
      return typeof reason === "string"
        ? super.writeHead(status, reason, headers)
        : super.writeHead(status, reason);
    }
  };
}
