import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** One condition of readiness. */
export interface Check {
  readonly name: string;
  /** Why it does not hold; undefined while it does. */
  failure(): string | undefined;
}

export interface HealthOptions {
  readonly checks: readonly Check[];
  /** Lines that `?verbose` adds, whatever the answer: the state of the switch, a configuration error, staleness. */
  readonly states: () => Iterable<readonly [name: string, text: string]>;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
}

/**
 * Plain HTTP for the kubelet and Prometheus, apart from the webhook's port: `/livez` (alias `/healthz`), `/readyz`,
 * `/readyz?verbose`, `/metrics`. Alive is who can answer: liveness never depends on the API server or on any check.
 */
export function buildHealthServer(options: HealthOptions): Server {
  return createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    route(options, request, response).catch(() => {
      if (!response.headersSent) send(response, 500, "internal error\n");
      else response.destroy();
    });
  });
}

async function route(
  options: HealthOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = "", query = ""] = (request.url ?? "").split("?", 2);
  if (path !== "/livez" && path !== "/healthz" && path !== "/readyz" && path !== "/metrics") {
    send(response, 404, "not found\n");
  } else if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    send(response, 405, "use GET\n");
  } else if (path === "/metrics") {
    send(response, 200, await options.metrics.text(), options.metrics.contentType);
  } else if (path === "/readyz") {
    ready(options, new URLSearchParams(query).has("verbose"), response);
  } else {
    send(response, 200, "ok\n");
  }
}

function ready(options: HealthOptions, verbose: boolean, response: ServerResponse): void {
  const results = options.checks.map((check) => ({ name: check.name, failure: check.failure() }));
  const ok = results.every(({ failure }) => failure === undefined);
  if (ok && !verbose) {
    send(response, 200, "ok\n");
    return;
  }
  const lines = results.map(({ name, failure }) =>
    failure === undefined ? `[+]${name} ok` : `[-]${name} failed: ${failure}`,
  );
  if (verbose)
    for (const [name, text] of options.states()) lines.push(`${name}: ${text.replaceAll("\n", "; ")}`);
  lines.push(ok ? "readyz check passed" : "readyz check failed");
  send(response, ok ? 200 : 503, `${lines.join("\n")}\n`);
}

function send(
  response: ServerResponse,
  status: number,
  text: string,
  type = "text/plain; charset=utf-8",
): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    "x-content-type-options": "nosniff",
  });
  response.end(response.req.method === "HEAD" ? undefined : text);
}
