import { Agent, request as httpsRequest } from "node:https";

/** What came back; `body` is parsed where it is JSON, else the text. */
export interface ApiResponse {
  readonly status: number;
  readonly body: unknown;
}

export interface ApiRequest {
  readonly body?: unknown;
  /** "application/json" unless given. */
  readonly contentType?: string;
}

/** Requests to the API server in the name of one user. */
export interface ApiClient {
  /** Any status is an answer. Rejects only where there is none. */
  send(method: string, path: string, request?: ApiRequest): Promise<ApiResponse>;
  /** Rejects with the server's message at status 400 and above. */
  expect(method: string, path: string, request?: ApiRequest): Promise<unknown>;
}

/** A client for `server` (https://127.0.0.1:PORT) that trusts `authorityPem` and shows `token`. */
export function apiClient(server: string, authorityPem: string, token: string): ApiClient {
  const agent = new Agent({ keepAlive: true, ca: authorityPem });
  const send = async (method: string, path: string, request: ApiRequest = {}): Promise<ApiResponse> => {
    const text = request.body === undefined ? undefined : JSON.stringify(request.body);
    return await new Promise((resolve, reject) => {
      const outgoing = httpsRequest(new URL(path, server), {
        method,
        agent,
        headers: {
          authorization: `Bearer ${token}`,
          accept: "application/json",
          // Node says nothing of the length of a DELETE's body; the server would take it for the next request.
          ...(text === undefined
            ? {}
            : {
                "content-type": request.contentType ?? "application/json",
                "content-length": Buffer.byteLength(text),
              }),
        },
        timeout: 30_000,
      });
      outgoing.on("timeout", () => outgoing.destroy(new Error(`${method} ${path}: no answer within 30 s`)));
      outgoing.on("error", reject);
      outgoing.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status: response.statusCode ?? 0, body: parse(text) });
        });
      });
      outgoing.end(text);
    });
  };
  const expect = async (method: string, path: string, request?: ApiRequest): Promise<unknown> => {
    const response = await send(method, path, request);
    if (response.status < 400) return response.body;
    throw new Error(`${method} ${path}: ${response.status} ${messageOf(response.body)}`);
  };
  return { send, expect };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The message of a Status object, or whatever came instead of one. */
export function messageOf(body: unknown): string {
  if (typeof body === "object" && body !== null && "message" in body && typeof body.message === "string") {
    return body.message;
  }
  return typeof body === "string" ? body : JSON.stringify(body);
}
