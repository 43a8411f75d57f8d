import type { IncomingMessage } from "node:http";
import type { List, ObjectMeta } from "../wire/meta.ts";
import { apiErrorOfEvent } from "./api-error.ts";
import type { Connection } from "./connection.ts";
import { jsonLines } from "./json-lines.ts";
import { createRequests, textOf, type Query, type RequestSettings } from "./requests.ts";

/** Any object of the API. Its shape beyond the metadata is what the API server of that kind guarantees. */
export interface KubernetesObject {
  metadata: ObjectMeta;
}

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  readonly object: KubernetesObject;
}

export type { Query };

/** Whole objects, or nothing but their metadata: PartialObjectMetadata, from a server that can. */
export type Form = "whole" | "metadata";

/** Requests that only read. */
export interface KubernetesClient {
  /**
   * One object, or another JSON document.
   * @throws ApiError for any answer but 2xx, another Error where the connection fails, the signal's reason on abort.
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

const json = "application/json";
/** A server that knows no metadata of its own sends whole objects. */
const metadataOf = (kind: string): string => `${json};as=${kind};g=meta.k8s.io;v=v1,${json}`;

/** A client that reads, over connections of its own. */
export function createClient(connection: Connection, settings: RequestSettings): KubernetesClient {
  const requests = createRequests(connection, settings);
  const open = (path: string, query: Query, signal: AbortSignal, accept = json): Promise<IncomingMessage> =>
    requests.open({ method: "GET", path, query, accept }, signal);

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
    close: () => requests.close(),
  };
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
