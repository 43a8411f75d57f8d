import https, { type RequestOptions } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { makeDevelopmentCertificates } from "../../scripts/support/certificates.ts";

/**
 * What goes wrong with a request, or with an answer that is being given:
 * - answer: this status instead of the API server's answer;
 * - errorEvent: a watch is opened, and its first event is an ERROR of this code;
 * - cut: the connection is destroyed;
 * - silence: the connection stays, nothing is delivered any more;
 * - delay: the request, and each part of its answer, comes so much later;
 * - truncate: half of the next part of the answer, then the end of the connection.
 */
export type Fault =
  | { readonly type: "answer"; readonly status: number; readonly retryAfterSeconds?: number }
  | { readonly type: "errorEvent"; readonly status: number }
  | { readonly type: "cut" | "silence" | "truncate" }
  | { readonly type: "delay"; readonly milliseconds: number };

/** Which requests a fault meets; each given field must fit. */
export interface Target {
  readonly request?: RequestKind;
  /** A part of the path. */
  readonly path?: string;
  /** How many requests and parts of answers; without it until the fault is removed. */
  readonly times?: number;
}

/** A list's first page, one of its further pages, a watch, or a question for what is served. */
type RequestKind = "list" | "continue" | "watch" | "discovery";

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly kind: RequestKind;
}

export interface FaultProxy {
  /** https://127.0.0.1:PORT */
  readonly server: string;
  readonly authorityPem: string;
  /** Every request so far, in the order of arrival. */
  readonly requests: readonly SeenRequest[];
  /** Makes a fault, also for answers that are being given; returns what takes it away. */
  inject(fault: Fault, target?: Target): () => void;
  /** Destroys every connection that is open now. */
  cut(): void;
  /** The most lists that were under way at one moment. */
  listsAtOnce(): number;
  /** Connections of clients that are open. */
  connections(): number;
  stop(): Promise<void>;
}

interface ActiveFault {
  readonly fault: Fault;
  readonly target: Target;
  left: number;
}

/** Stands before the API server at `upstream`, speaks TLS with a certificate of its own, passes everything on. */
export async function startFaultProxy(upstream: {
  readonly server: string;
  readonly authorityPem: string;
}): Promise<FaultProxy> {
  const { authority, serving } = await makeDevelopmentCertificates({ names: ["127.0.0.1", "localhost"] });
  const agent = new https.Agent({ keepAlive: true, ca: upstream.authorityPem });
  const faults = new Set<ActiveFault>();
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const lists = { now: 0, most: 0 };

  const faultOf = (seen: SeenRequest, when: readonly Fault["type"][]): Fault | undefined => {
    for (const active of faults) {
      if (!when.includes(active.fault.type) || !fits(active.target, seen)) continue;
      active.left -= 1;
      if (active.left <= 0) faults.delete(active);
      return active.fault;
    }
    return undefined;
  };

  const server = https.createServer(
    { cert: serving.certificatePem, key: serving.keyPem },
    (request, response) => {
      const seen = seenRequest(request);
      requests.push(seen);
      if (seen.kind === "list" || seen.kind === "continue") {
        lists.now += 1;
        lists.most = Math.max(lists.most, lists.now);
        response.on("close", () => (lists.now -= 1));
      }
      const target = { upstream: upstream.server, agent };
      void before(faultOf(seen, startFaults), response).then((pass) => {
        if (pass) forward(request, response, target, () => faultOf(seen, partFaults));
      });
    },
  );
  let stopping = false;
  server.on("secureConnection", (socket) => {
    // One whose handshake was under way when the others were cut: a client that watches would hold it for ever.
    if (stopping) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // A connection that is cut while it is written to.
    socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };

  return {
    server: `https://127.0.0.1:${port}`,
    authorityPem: authority.certificatePem,
    requests,
    inject(fault, target = {}) {
      const active = { fault, target, left: target.times ?? Infinity };
      faults.add(active);
      return () => faults.delete(active);
    },
    cut,
    listsAtOnce: () => lists.most,
    connections: () => sockets.size,
    async stop() {
      stopping = true;
      cut();
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Faults that meet a request when it comes. */
const startFaults = ["answer", "errorEvent", "cut", "silence", "delay"] as const;
/** Faults that meet each part of an answer. */
const partFaults = ["cut", "silence", "delay", "truncate"] as const;

function seenRequest(request: IncomingMessage): SeenRequest {
  const url = new URL(request.url ?? "/", "https://proxy");
  const query = url.searchParams;
  return { method: request.method ?? "GET", path: url.pathname, query, kind: kindOf(url) };
}

function kindOf({ pathname, searchParams }: URL): RequestKind {
  if (/^\/apis(\/[^/]+\/[^/]+)?$/.test(pathname)) return "discovery";
  if (searchParams.get("watch") === "true") return "watch";
  return searchParams.has("continue") ? "continue" : "list";
}

function fits(target: Target, seen: SeenRequest): boolean {
  return (
    (target.request === undefined || target.request === seen.kind) &&
    (target.path === undefined || seen.path.includes(target.path))
  );
}

/** What is done before a request is passed on; false: it is not. */
async function before(fault: Fault | undefined, response: ServerResponse): Promise<boolean> {
  switch (fault?.type) {
    case undefined:
    case "truncate":
      return true;
    case "delay":
      await new Promise((resolve) => setTimeout(resolve, fault.milliseconds));
      return !response.destroyed;
    case "cut":
      response.socket?.destroy();
      return false;
    case "silence":
      return false;
    case "answer": {
      const headers = { "content-type": "application/json" };
      const retry = fault.retryAfterSeconds;
      response.writeHead(
        fault.status,
        retry === undefined ? headers : { ...headers, "retry-after": String(retry) },
      );
      response.end(JSON.stringify(status(fault.status)));
      return false;
    }
    case "errorEvent":
      response.writeHead(200, { "content-type": "application/json" });
      response.write(`${JSON.stringify({ type: "ERROR", object: status(fault.status) })}\n`);
      return false;
  }
}

function status(code: number): object {
  return { kind: "Status", apiVersion: "v1", status: "Failure", code, message: "made by the fault proxy" };
}

function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { upstream, agent }: { readonly upstream: string; readonly agent: https.Agent },
  faultNow: () => Fault | undefined,
): void {
  const headers: RequestOptions["headers"] = { ...request.headers, host: new URL(upstream).host };
  const url = new URL(request.url ?? "/", upstream);
  const outgoing = https.request(url, { method: request.method, headers, agent }, (answer) => {
    // `connection` speaks of the connection behind the proxy, not of the one before it.
    const passed = { ...answer.headers };
    delete passed.connection;
    response.writeHead(answer.statusCode ?? 502, passed);
    response.flushHeaders();
    void relay(answer, response, faultNow).catch(() => response.socket?.destroy());
  });
  outgoing.on("error", () => response.socket?.destroy());
  response.on("close", () => outgoing.destroy());
  request.pipe(outgoing);
}

async function relay(
  answer: IncomingMessage,
  response: ServerResponse,
  faultNow: () => Fault | undefined,
): Promise<void> {
  for await (const part of answer as AsyncIterable<Buffer>) {
    const fault = faultNow();
    if (fault?.type === "silence") {
      await new Promise((resolve) => response.on("close", resolve));
      return;
    }
    if (fault?.type === "delay") await new Promise((resolve) => setTimeout(resolve, fault.milliseconds));
    if (fault?.type === "truncate") {
      response.write(part.subarray(0, part.length / 2), () => response.socket?.destroy());
      return;
    }
    if (fault?.type === "cut") {
      response.socket?.destroy();
      return;
    }
    response.write(part);
  }
  response.end();
}
