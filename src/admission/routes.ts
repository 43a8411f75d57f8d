import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from "fastify";
import type { BaseLogger } from "pino";
import { RingfenceError } from "../errors.ts";
import type { Subject } from "../model/subject.ts";
import type { Decide, Verdict, Waiting } from "../model/verdict.ts";
import { ownDeadline } from "./deadline.ts";
import { createRecorder, identity, type AdmissionMetrics, type Recorder } from "./record.ts";
import { respond, type Webhook } from "./respond.ts";
import { parseReview, type CompilePolicy } from "./review.ts";
import { inTurns } from "./turns.ts";

/** Requests that are being decided right now, read by a metric. */
export interface Load {
  inFlight: number;
}

export interface AdmissionOptions {
  readonly validate: Decide;
  readonly mutate: Decide;
  readonly compile: CompilePolicy;
  readonly log: BaseLogger;
  readonly metrics: AdmissionMetrics;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  readonly load: Load;
  /** Requests that may be waited for at once; one more is answered 503 at once. */
  readonly inFlightLimit: number;
}

const jsonTypes = /^application\/(?:[a-z0-9!#$&^_.+-]+\+)?json(?:\s*;|$)/i;

/**
 * `POST /validate` and `POST /mutate`. There is no hook on the routes, and no timer or listener where a decision is
 * made at once: this is the path that every request of the cluster takes.
 *
 * Answers: 200 with an AdmissionReview for every verdict; 400 (no review), 413, 415, 500 (internal error, deadline),
 * 503 (overload) otherwise, so that failurePolicy decides. Never with Retry-After: client-go would repeat the call.
 */
export function admissionRoutes(options: AdmissionOptions): FastifyPluginCallback {
  return (app, _, done) => {
    // The body stays a Buffer: Fastify's own JSON parser refuses `__proto__` and `constructor`, which are data here.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser<Buffer>(jsonTypes, { parseAs: "buffer" }, (_request, body, parsed) => {
      parsed(null, body);
    });
    const recorder = createRecorder(options);
    register(app, "validate", options.validate, options, recorder);
    register(app, "mutate", options.mutate, options, recorder);
    // What the last requests left behind is written down before the server is closed.
    app.addHook("onClose", (_instance, closed) => {
      recorder.flush();
      closed();
    });
    done();
  };
}

/** Bytes of a body up to which requests are gathered: larger ones cost by themselves, and waiting would pile them up. */
const gatheredBody = 16_384;

function register(
  app: FastifyInstance,
  webhook: Webhook,
  decide: Decide,
  options: AdmissionOptions,
  recorder: Recorder,
): void {
  let answers: Answer[] = [];
  const small = inTurns<Call>(
    (call) => {
      try {
        admit(call, answers);
      } catch (error) {
        refuse(error, call.reply, webhook, options);
      }
    },
    () => {
      const row = answers;
      answers = [];
      for (const { reply, text } of row) {
        try {
          send(reply, text);
        } catch (error) {
          refuse(error, reply, webhook, options);
        }
      }
      recorder.flush();
    },
  );
  app.route({
    method: "POST",
    url: `/${webhook}`,
    handler: (request, reply) => {
      const call = { webhook, decide, options, recorder, request, reply, started: options.clock() };
      if (Buffer.isBuffer(request.body) && request.body.length <= gatheredBody) small.add(call);
      else admit(call);
    },
    errorHandler: (error, _request, reply) => refuse(error, reply, webhook, options),
  });
}

interface Call {
  readonly webhook: Webhook;
  readonly decide: Decide;
  readonly options: AdmissionOptions;
  readonly recorder: Recorder;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** When the body was read. */
  readonly started: number;
}

/** An answer that is sent when the whole row is decided. */
interface Answer {
  readonly reply: FastifyReply;
  readonly text: string;
}

/** Decides, and answers at once, or, of a row, puts the answer to those of the others. */
function admit(call: Call, row?: Answer[]): void {
  const { options, request } = call;
  if (request.raw.socket.destroyed) {
    options.metrics.clientGone();
    return;
  }
  let subject: Subject | undefined;
  try {
    if (options.load.inFlight >= options.inFlightLimit) {
      throw new RingfenceError(
        "RF_ERR_OVERLOAD",
        "more requests at once than this replica takes; add replicas",
      );
    }
    const { body } = request;
    if (!Buffer.isBuffer(body)) throw new RingfenceError("RF_ERR_REVIEW", "the request has no body");
    subject = parseReview(body, options.compile);
    if (subject.subresource !== undefined) {
      answer(call, subject, subresourceVerdict, row);
      return;
    }
    const cancellation = new Cancellation();
    const verdict = call.decide(subject, cancellation);
    if (verdict instanceof Promise) wait(call, subject, verdict, cancellation);
    else answer(call, subject, verdict, row);
  } catch (error) {
    fail(call, subject, error);
  }
}

/** The end of a request before its answer. Most requests are answered at once and need no signal: it costs more than a rule. */
class Cancellation implements Waiting {
  #controller: AbortController | undefined;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(reason: RingfenceError): void {
    this.#controller?.abort(reason);
  }
}

/** Waits for a decision that takes time: until it is made, the deadline has come, or the client is gone. */
function wait(call: Call, subject: Subject, pending: Promise<Verdict>, cancellation: Cancellation): void {
  const { options, request, reply, started } = call;
  const { load } = options;
  load.inFlight++;
  let open = true;
  /** True for the first of the three; it alone answers. */
  const settle = (): boolean => {
    if (!open) return false;
    open = false;
    load.inFlight--;
    clearTimeout(timer);
    reply.raw.off("close", gone);
    return true;
  };
  const gone = (): void => {
    if (!settle()) return;
    options.metrics.clientGone();
    options.log.info({ ...identity(call.webhook, subject), verdict: "gone" }, "client went away");
    cancellation.abort(new RingfenceError("RF_ERR_DEADLINE", "the client is gone"));
  };
  const late = (): void => {
    if (!settle()) return;
    const error = new RingfenceError("RF_ERR_DEADLINE", "no verdict within the request's timeout");
    fail(call, subject, error);
    cancellation.abort(error);
  };
  const timer = setTimeout(late, ownDeadline(timeoutOf(request)) - (options.clock() - started));
  reply.raw.once("close", gone);
  pending.then(
    (verdict) => {
      if (settle()) answer(call, subject, verdict);
    },
    (error: unknown) => {
      if (settle()) fail(call, subject, error);
    },
  );
}

function answer(call: Call, subject: Subject, verdict: Verdict, row?: Answer[]): void {
  const { options, recorder, reply, started, webhook } = call;
  const text = respond(subject, verdict, webhook);
  if (row === undefined) send(reply, text);
  else row.push({ reply, text });
  recorder.record(webhook, subject, verdict, options.clock() - started);
}

function send(reply: FastifyReply, text: string): void {
  reply.header("content-type", "application/json").send(text);
}

/** An expected failure says what it is; anything else is a bug: its text goes to the log alone. */
function fail(call: Call, subject: Subject | undefined, error: unknown): void {
  const { options, reply, started, webhook } = call;
  const expected = error instanceof RingfenceError ? error : undefined;
  const code = expected?.code ?? "internal";
  const status = expected?.httpStatus ?? 500;
  options.metrics.failed(webhook, code);
  const fields = {
    ...(subject === undefined ? { webhook } : identity(webhook, subject)),
    verdict: "error",
    code,
    durationMs: options.clock() - started,
  };
  if (expected !== undefined) options.log.warn({ ...fields, problem: expected.message }, "admission failed");
  else options.log.error({ ...fields, err: error }, "admission failed by an internal error");
  const uid = subject === undefined ? "" : ` (review ${subject.uid})`;
  sendText(
    reply,
    status,
    `ringfence: ${expected?.message ?? "internal error, see the log of Ringfence"}${uid}`,
  );
}

/** What Fastify found wrong before the handler: body too large, content type, a body cut short. */
function refuse(error: unknown, reply: FastifyReply, webhook: Webhook, options: AdmissionOptions): void {
  const code = property(error, "code");
  const status = property(error, "statusCode");
  if (reply.raw.socket?.destroyed !== false) {
    options.metrics.clientGone();
    return;
  }
  if (status === 413) {
    options.metrics.bodyTooLarge();
    options.log.warn({ webhook, code }, "request body too large");
    sendText(reply, 413, "ringfence: the request body is too large");
    return;
  }
  if (typeof status === "number" && status >= 400 && status < 500) {
    options.metrics.failed(webhook, "RF_ERR_REVIEW");
    const text = status === 415 ? "the content type is not application/json" : "the request cannot be read";
    sendText(reply, status, `ringfence: ${text}`);
    return;
  }
  options.metrics.failed(webhook, "internal");
  options.log.error({ webhook, err: error }, "admission failed by an internal error");
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

function timeoutOf(request: FastifyRequest): unknown {
  const { query } = request;
  return typeof query === "object" && query !== null && "timeout" in query ? query.timeout : undefined;
}

const subresourceVerdict: Verdict = {
  allowed: true,
  warnings: [],
  auditAnnotations: {},
  findings: [],
  skipped: "subresource",
  unknown: [],
  failed: [],
};
