import { once } from "node:events";
import { createServer } from "node:https";
import type { IncomingMessage } from "node:http";
import { makeDevelopmentCertificates } from "../../scripts/support/certificates.ts";

/** One request as the API server sent it. */
export interface RecordedReview {
  /** The URL's path and query, e.g. `/validate?timeout=3s`. */
  readonly url: string;
  readonly operation: string;
  readonly resource: string;
  readonly subResource: string | undefined;
  readonly namespace: string;
  readonly name: string;
  readonly username: string;
  /** As it came. */
  readonly body: Buffer;
}

/** A webhook that allows everything and remembers what it was asked. */
export interface RecordingWebhook {
  readonly url: string;
  readonly authorityPem: string;
  readonly reviews: readonly RecordedReview[];
  stop(): Promise<void>;
}

interface Review {
  readonly request: {
    readonly uid: string;
    readonly operation: string;
    readonly resource: { readonly resource: string };
    readonly subResource?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly userInfo: { readonly username: string };
  };
}

/** Starts one on a free port of 127.0.0.1. */
export async function startRecordingWebhook(): Promise<RecordingWebhook> {
  const { authority, serving } = await makeDevelopmentCertificates();
  const reviews: RecordedReview[] = [];
  const server = createServer({ cert: serving.certificatePem, key: serving.keyPem }, (request, response) => {
    void bodyOf(request).then((body) => {
      const { request: asked } = JSON.parse(body.toString()) as Review;
      reviews.push({
        url: request.url ?? "",
        operation: asked.operation,
        resource: asked.resource.resource,
        subResource: asked.subResource,
        namespace: asked.namespace ?? "",
        name: asked.name ?? "",
        username: asked.userInfo.username,
        body,
      });
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({
          apiVersion: "admission.k8s.io/v1",
          kind: "AdmissionReview",
          response: { uid: asked.uid, allowed: true },
        }),
      );
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the recording webhook has no port");
  return {
    url: `https://127.0.0.1:${address.port}`,
    authorityPem: authority.certificatePem,
    reviews,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
