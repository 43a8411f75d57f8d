import type { FastifyReply } from "fastify";
import { RingfenceError } from "../errors.ts";
import type { Subject } from "../model/subject.ts";
import { identity, type Written } from "./record.ts";
import type { Webhook } from "./respond.ts";

/** A request that failed here: how long it took, in milliseconds, and what it was about, as far as that was read. */
export interface Failed {
  readonly webhook: Webhook;
  readonly subject: Subject | undefined;
  readonly durationMs: number;
}

/** Answers a request without a verdict. An expected failure says what it is; anything else is a bug: its text goes to the log alone. */
export function fail(error: unknown, reply: FastifyReply, of: Failed, { log, metrics }: Written): void {
  const { webhook, subject, durationMs } = of;
  const expected = error instanceof RingfenceError ? error : undefined;
  const code = expected?.code ?? "internal";
  metrics.failed(webhook, code);
  const fields = {
    ...(subject === undefined ? { webhook } : identity(webhook, subject)),
    verdict: "error",
    code,
    durationMs,
  };
  if (expected !== undefined) log.warn({ ...fields, problem: expected.message }, "admission failed");
  else log.error({ ...fields, err: error }, "admission failed by an internal error");
  const uid = subject === undefined ? "" : ` (review ${subject.uid})`;
  const problem = expected?.message ?? "internal error, see the log of Ringfence";
  sendText(reply, expected?.httpStatus ?? 500, `ringfence: ${problem}${uid}`);
}

/** Answers what Fastify found wrong before the handler: body too large, content type, a body cut short. */
export function refuse(
  error: unknown,
  reply: FastifyReply,
  webhook: Webhook,
  { log, metrics }: Written,
): void {
  const code = property(error, "code");
  const status = property(error, "statusCode");
  if (reply.raw.socket?.destroyed !== false) {
    metrics.clientGone();
    return;
  }
  if (status === 413) {
    metrics.bodyTooLarge();
    log.warn({ webhook, code }, "request body too large");
    sendText(reply, 413, "ringfence: the request body is too large");
    return;
  }
  if (typeof status === "number" && status >= 400 && status < 500) {
    metrics.failed(webhook, "RF_ERR_REVIEW");
    const text = status === 415 ? "the content type is not application/json" : "the request cannot be read";
    sendText(reply, status, `ringfence: ${text}`);
    return;
  }
  metrics.failed(webhook, "internal");
  log.error({ webhook, err: error }, "admission failed by an internal error");
  sendText(reply, 500, "ringfence: internal error, see the log of Ringfence");
}

/** client-go shows the text of a failed call to the user where it is text/plain. */
function sendText(reply: FastifyReply, status: number, text: string): void {
  reply.code(status).header("content-type", "text/plain; charset=utf-8").send(`${text}\n`);
}

function property(value: unknown, name: "code" | "statusCode"): unknown {
  return typeof value === "object" && value !== null && name in value
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
