import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { List, ObjectMeta } from "../wire/meta.ts";
import { apiErrorOf, apiErrorOfEvent } from "./api-error.ts";
import type { Connection } from "./connection.ts";
import { jsonLines } from "./json-lines.ts";

/** Any object of the API. Its shape beyond the metadata is what the API server of that kind guarantees. */
export interface KubernetesObject {
  metadata: ObjectMeta;
}

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  readonly object: KubernetesObject;
}

export type Query = Readonly<Record<string, string>>;

/** Whole objects, or nothing but their metadata: PartialObjectMetadata, from a server that can. */
export type Form = "whole" | "metadata";

/** Requests that only read. */
export interface KubernetesClient {
  /**
   * One object, or another JSON document.
   * @throws ApiError for any answer but 200, another Error where the connection fails, the signal's reason on abort.
   */
  get(path: string, signal: AbortSignal): Promise<unknown>;
  /** One page of a list. Throws as `get` does. */
  list(path: string, query: Query, signal: AbortSignal, form?: Form): Promise<List<KubernetesObject>>;
  /**
   * Delivers events until the server ends the stream. Throws as `get` does, also for an ERROR event and for a stream
   * that is cut off; an exception of `onEvent` ends the watch and is thrown on.
   */
  watch(
    path: string,
    query: Query,
    onEvent: (event: WatchEvent) => void,
    signal: AbortSignal,
    form?: Form,
  ): Promise<void>;
  /** Closes idle connections; those in use end with their requests. */
  close(): void;
}

export interface ClientSettings {
  /** Milliseconds that the API server may keep us waiting: for the begin of an answer, and between parts of a list. */
  readonly answerTimeout: number;
}

const LARGEST_ERROR = 64 * 1024;

const json = "application/json";
/** A server that knows no metadata of its own sends whole objects. */
const metadataOf = (kind: string): string => `${json};as=${kind};g=meta.k8s.io;v=v1,${json}`;

/**
 * A client over HTTP/1.1 with kept connections. client-node's own `Watch` is not used: it swallows what handlers throw
 * and lines it cannot parse, hides Retry-After, and opens a pool of connections for each call.
 */
export function createClient(connection: Connection, settings: ClientSettings): KubernetesClient {
  const secure = connection.server.protocol === "https:";
  // The timeout closes connections that idle, before a load balancer between forgets them.
  const agent = secure
    ? new https.Agent({ keepAlive: true, timeout: settings.answerTimeout })
    : new http.Agent({ keepAlive: true, timeout: settings.answerTimeout });

  const ask = async (
    path: string,
    query: Query,
    signal: AbortSignal,
    accept: string,
  ): Promise<IncomingMessage> => {
    const url = new URL(connection.server);
    url.pathname = `${url.pathname.replace(/\/$/, "")}${path}`;
    url.search = new URLSearchParams(query).toString();
    const credentials = await connection.credentials();
    signal.throwIfAborted();
    const headers = { ...credentials.headers, accept, "user-agent": "ringfence" };
    return await new Promise((resolve, reject) => {
      const request = (secure ? https : http).get(
        url,
        { agent, ...credentials.options, headers, signal },
        resolve,
      );
      request.on("error", reject);
      request.setTimeout(settings.answerTimeout, () => {
        request.destroy(new Error(`the API server kept silent for ${settings.answerTimeout} ms`));
      });
    });
  };

  const open = async (
    path: string,
    query: Query,
    signal: AbortSignal,
    accept = json,
  ): Promise<IncomingMessage> => {
    const response = await ask(path, query, signal, accept);
    const status = response.statusCode ?? 0;
    if (status === 200) return response;
    throw apiErrorOf(status, await textOf(response, LARGEST_ERROR), response.headers["retry-after"]);
  };

  return {
    async get(path, signal) {
      return JSON.parse(await textOf(await open(path, {}, signal), Infinity)) as unknown;
    },
    async list(path, query, signal, form) {
      const accept = form === "metadata" ? metadataOf("PartialObjectMetadataList") : json;
      const response = await open(path, query, signal, accept);
      const body: unknown = JSON.parse(await textOf(response, Infinity));
      if (!isList(body)) throw new Error(`the API server's answer for ${path} is no list`);
      return body;
    },
    async watch(path, query, onEvent, signal, form) {
      const accept = form === "metadata" ? metadataOf("PartialObjectMetadata") : json;
      const response = await open(path, { ...query, watch: "true" }, signal, accept);
      // From here on silence is the caller's to judge.
      response.setTimeout(0);
      try {
        for await (const event of jsonLines(response)) onEvent(checked(event));
      } finally {
        response.destroy();
      }
    },
    close: () => agent.destroy(),
  };
}

async function textOf(response: IncomingMessage, largest: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > largest) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}

function isList(body: unknown): body is List<KubernetesObject> {
  return typeof body === "object" && body !== null && "items" in body && "metadata" in body;
}

function checked(event: unknown): WatchEvent {
  if (typeof event !== "object" || event === null || !("type" in event) || !("object" in event)) {
    throw new Error("the API server sent a watch event without type or object");
  }
  if (event.type === "ERROR") throw apiErrorOfEvent(event.object);
  return event as WatchEvent;
}
