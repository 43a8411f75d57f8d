import type { FastifyReply, FastifyRequest } from "fastify";
import { skip } from "../engine/judge.ts";
import { RingfenceError } from "../errors.ts";
import type { Subject } from "../model/subject.ts";
import type { Decide, Verdict, Waiting } from "../model/verdict.ts";
import { ownDeadline } from "./deadline.ts";
import { identity, type Recorder, type Written } from "./record.ts";
import { fail, refuse } from "./refusals.ts";
import { respond, type Webhook } from "./respond.ts";
import { parseReview, type CompilePolicy } from "./review.ts";

/** Requests that are being decided right now, read by a metric. */
export interface Load {
  inFlight: number;
}

/** What every call of one webhook needs. */
export interface CallContext extends Written {
  readonly webhook: Webhook;
  readonly decide: Decide;
  readonly compile: CompilePolicy;
  readonly recorder: Recorder;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  readonly load: Load;
  /** Requests that may be waited for at once; one more is answered 503 at once. */
  readonly inFlightLimit: number;
}

/**
 * One request on its way to its answer: read, decided, written, sent, recorded. A step that returns false was its last: it
 * has been answered, or will be by itself once its decision is made. No step throws.
 */
export class Call {
  readonly #context: CallContext;
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;
  /** When the body was read. */
  readonly #started: number;
  #subject: Subject | undefined;
  #verdict: Verdict | undefined;
  #text = "";
  /** Milliseconds until the answer was written. */
  #took = 0;

  constructor(context: CallContext, request: FastifyRequest, reply: FastifyReply) {
    this.#context = context;
    this.#request = request;
    this.#reply = reply;
    this.#started = context.clock();
  }

  /** Makes the subject of the body. */
  read(): boolean {
    try {
      const { compile, metrics } = this.#context;
      const { body, raw } = this.#request;
      if (raw.socket.destroyed) {
        metrics.clientGone();
        return false;
      }
      this.#refuseOverload();
      if (!Buffer.isBuffer(body)) throw new RingfenceError("RF_ERR_REVIEW", "the request has no body");
      this.#subject = parseReview(body, compile);
      return true;
    } catch (error) {
      return this.#fail(error);
    }
  }

  decide(): boolean {
    try {
      const subject = present(this.#subject);
      // Of a row others may have begun to wait since this one was read.
      this.#refuseOverload();
      const cancellation = new Cancellation();
      const verdict =
        subject.subresource === undefined ? this.#context.decide(subject, cancellation) : skip("subresource");
      if (verdict instanceof Promise) {
        this.#wait(subject, verdict, cancellation);
        return false;
      }
      this.#verdict = verdict;
      return true;
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** Writes the answer. */
  write(): boolean {
    try {
      this.#text = respond(present(this.#subject), present(this.#verdict), this.#context.webhook);
      this.#took = this.#passed();
      return true;
    } catch (error) {
      return this.#fail(error);
    }
  }

  send(): boolean {
    try {
      this.#reply.header("content-type", "application/json").send(this.#text);
      return true;
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** Takes note of the answer, for the log and the counters. */
  record(): void {
    const { webhook, recorder } = this.#context;
    recorder.record(webhook, present(this.#subject), present(this.#verdict), this.#took);
  }

  /** Milliseconds since the body was read. */
  #passed(): number {
    return this.#context.clock() - this.#started;
  }

  #refuseOverload(): void {
    const { load, inFlightLimit } = this.#context;
    if (load.inFlight < inFlightLimit) return;
    throw new RingfenceError(
      "RF_ERR_OVERLOAD",
      "more requests at once than this replica takes; add replicas",
    );
  }

  /** Waits for a decision that takes time: until it is made, the deadline has come, or the client is gone. */
  #wait(subject: Subject, pending: Promise<Verdict>, cancellation: Cancellation): void {
    const { webhook, load, log, metrics } = this.#context;
    const reply = this.#reply;
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
      metrics.clientGone();
      log.info({ ...identity(webhook, subject), verdict: "gone" }, "client went away");
      cancellation.abort(new RingfenceError("RF_ERR_DEADLINE", "the client is gone"));
    };
    const late = (): void => {
      if (!settle()) return;
      const error = new RingfenceError("RF_ERR_DEADLINE", "no verdict within the request's timeout");
      this.#fail(error);
      cancellation.abort(error);
    };
    const timer = setTimeout(late, ownDeadline(timeoutOf(this.#request)) - this.#passed());
    reply.raw.once("close", gone);
    pending.then(
      (verdict) => {
        if (!settle()) return;
        this.#verdict = verdict;
        if (this.write() && this.send()) this.record();
      },
      (error: unknown) => {
        if (settle()) this.#fail(error);
      },
    );
  }

  #fail(error: unknown): false {
    const { webhook } = this.#context;
    const failed = { webhook, subject: this.#subject, durationMs: this.#passed() };
    try {
      fail(error, this.#reply, failed, this.#context);
    } catch (again) {
      refuse(again, this.#reply, webhook, this.#context);
    }
    return false;
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

/** What an earlier step has made: without it a request would end without an answer, and without a word. */
function present<T>(made: T | undefined): T {
  if (made === undefined) throw new Error("a step of the request has made nothing");
  return made;
}

function timeoutOf({ query }: FastifyRequest): unknown {
  return typeof query === "object" && query !== null && "timeout" in query ? query.timeout : undefined;
}
