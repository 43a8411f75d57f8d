import type { Connection } from "./connection.ts";
import { createRequests, textOf, type Query, type RequestSettings } from "./requests.ts";

export type WritingMethod = "POST" | "PUT" | "PATCH" | "DELETE";

/** What the body of a PATCH is. */
export const applyPatch = "application/apply-patch+yaml";
export const mergePatch = "application/merge-patch+json";

/** A request that changes something. */
export interface WriteRequest {
  readonly method: WritingMethod;
  readonly path: string;
  readonly query?: Query;
  /** Sent as JSON, which is YAML as well. */
  readonly body?: unknown;
  /** `application/json` unless given. */
  readonly contentType?: string;
  /**
   * Called when the connection stands, immediately before the request leaves, so that nothing is sent by a process that
   * was paused meanwhile. What it throws ends the request unsent.
   */
  readonly beforeSending?: (() => void) | undefined;
}

/** Requests that write. */
export interface KubernetesWriter {
  /**
   * The API server's answer, parsed: the object as it is now, or a Status. No request is repeated: after an error that is
   * no ApiError it may have been carried out or not.
   * @throws ApiError for any answer but 2xx, another Error where the connection fails, the signal's reason on abort.
   */
  send(request: WriteRequest, signal: AbortSignal): Promise<unknown>;
  /** Closes idle connections; those in use end with their requests. */
  close(): void;
}

const json = "application/json";

/** A writer over connections of its own, so that writes never wait behind lists. */
export function createWriter(connection: Connection, settings: RequestSettings): KubernetesWriter {
  const requests = createRequests(connection, settings);
  return {
    async send({ method, path, query = {}, body, contentType = json, beforeSending }, signal) {
      const sent = body === undefined ? {} : { body: { contentType, text: JSON.stringify(body) } };
      const request = { method, path, query, accept: json, beforeSending, ...sent };
      try {
        return JSON.parse(await textOf(await requests.open(request, signal), Infinity)) as unknown;
      } catch (error) {
        // Within an answer it fails with an error that does not tell why.
        throw signal.aborted ? signal.reason : error;
      }
    },
    close: () => requests.close(),
  };
}
