import type { FastifyPluginCallback } from "fastify";
import type { Decide } from "../model/verdict.ts";
import { Call, type CallContext } from "./call.ts";
import { createRecorder } from "./record.ts";
import { refuse } from "./refusals.ts";
import type { Webhook } from "./respond.ts";
import { inTurns } from "./turns.ts";

export interface AdmissionOptions extends Omit<CallContext, "webhook" | "decide" | "recorder"> {
  readonly validate: Decide;
  readonly mutate: Decide;
}

const jsonTypes = /^application\/(?:[a-z0-9!#$&^_.+-]+\+)?json(?:\s*;|$)/i;

/** Bytes of a body up to which requests are gathered: larger ones cost by themselves, and waiting would pile them up. */
const gatheredBody = 16_384;

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
    const route = (webhook: Webhook, decide: Decide): void => {
      const context = { ...options, webhook, decide, recorder };
      const small = inTurns<Call>((calls) => {
        answerRow(calls);
        recorder.flush();
      });
      app.route({
        method: "POST",
        url: `/${webhook}`,
        handler: (request, reply) => {
          const call = new Call(context, request, reply);
          if (Buffer.isBuffer(request.body) && request.body.length <= gatheredBody) small.add(call);
          else answerRow([call]);
        },
        errorHandler: (error, _request, reply) => refuse(error, reply, webhook, options),
      });
    };
    route("validate", options.validate);
    route("mutate", options.mutate);
    // What the last requests left behind is written down before the server is closed.
    app.addHook("onClose", (_instance, closed) => {
      recorder.flush();
      closed();
    });
    done();
  };
}

/**
 * Answers calls step by step: each step finds what it needs of code and data at hand for all but the first. Sent one after
 * the other, the answers find the receiver awake.
 */
function answerRow(calls: readonly Call[]): void {
  const sent = calls
    .filter((call) => call.read())
    .filter((call) => call.decide())
    .filter((call) => call.write())
    .filter((call) => call.send());
  for (const call of sent) call.record();
}
